//! HTTP(S) download of one file.
