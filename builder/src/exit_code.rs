//! The only file with the numbers (builder contract §17).

/// How the builder tells the platform what failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// The application is staged, or help was asked for.
    Success = 0,
    /// Whatever has no status of its own: flags without value, set-up, downloads, start commands, results, packing.
    Failed = 1,
    /// A flag that cannot be read.
    Usage = 2,
    /// `VCAP_PLATFORM_OPTIONS` cannot be read.
    PlatformOptions = 3,
    /// `CredHub` references could not be replaced.
    CredHub = 4,
    /// No buildpack detected the application.
    NothingDetected = 222,
    /// The final buildpack's supply, finalize or compile failed: one status, as the platform maps 222 to 224 only.
    Build = 223,
    /// The final buildpack's release failed.
    Release = 224,
    /// A buildpack could not be found, or failed, while supplying.
    Supply = 225,
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code as u8)
    }
}
