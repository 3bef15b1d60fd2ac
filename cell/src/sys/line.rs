//! A line between two processes: short words, each ended by a newline, and who wrote them.

use std::io::{IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;

use cache::sys::SysError;
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags};

/// The longest word, in bytes; a longer one is cut.
const WORD_LIMIT: usize = 16 * 1024;

/// One end of a line.
#[derive(Debug)]
pub(crate) struct Line {
    stream: UnixStream,
    held: Vec<u8>,
}

/// What was heard on a line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// A word, and the number of the process that wrote it as seen from here, if the line tells.
    Word(String, Option<u32>),
    /// The other end is closed everywhere.
    Silence,
}

impl Line {
    /// Two ends; neither goes to programs that are started.
    pub(crate) fn pair() -> Result<(Self, OwnedFd), SysError> {
        let (ours, theirs) = UnixStream::pair().map_err(|e| SysError::new("socketpair", "", e))?;
        Ok((Self::new(ours), theirs.into()))
    }

    /// The end that this program was started with as descriptor `number`.
    ///
    /// Nothing else in the program may own that descriptor.
    pub(crate) fn inherited(number: RawFd) -> Self {
        // SAFETY: the program was started in a role, whose starter put an end of a line there; it is taken once.
        #[expect(unsafe_code, reason = "descriptors are handed over by number")]
        let owned = unsafe { OwnedFd::from_raw_fd(number) };
        let _ = rustix::io::fcntl_setfd(&owned, rustix::io::FdFlags::CLOEXEC);
        Self::new(UnixStream::from(owned))
    }

    /// An end made of an open descriptor.
    pub(crate) fn from_descriptor(descriptor: OwnedFd) -> Self {
        Self::new(UnixStream::from(descriptor))
    }

    fn new(stream: UnixStream) -> Self {
        Self {
            stream,
            held: Vec::new(),
        }
    }

    /// Has the system note who writes, for every word written from now on.
    pub(crate) fn ask_who(&self) -> Result<(), SysError> {
        rustix::net::sockopt::set_socket_passcred(&self.stream, true)
            .map_err(|e| SysError::new("setsockopt", "", e))
    }

    /// Another handle on this end for writing.
    pub(crate) fn writer(&self) -> Result<Self, SysError> {
        let stream = self.stream.try_clone().map_err(|e| SysError::new("dup", "", e))?;
        Ok(Self::new(stream))
    }

    /// Says a word; nobody listening is fine, as the other side finds its own way to end.
    pub(crate) fn say(&mut self, word: &str) {
        let cut: String = word.replace('\n', " ").chars().take(WORD_LIMIT / 4).collect();
        let _ = self.stream.write_all(format!("{cut}\n").as_bytes());
    }

    /// Waits for the next word.
    pub(crate) fn hear(&mut self) -> Heard {
        let mut who = None;
        loop {
            if let Some(end) = self.held.iter().position(|byte| *byte == b'\n') {
                let word: Vec<u8> = self.held.drain(..=end).collect();
                let text = String::from_utf8_lossy(&word).trim_end_matches('\n').to_owned();
                return Heard::Word(text, who);
            }
            if self.held.len() > WORD_LIMIT {
                self.held.clear();
            }
            if !self.receive(&mut who) {
                return Heard::Silence;
            }
        }
    }

    /// Reads once, and notes the writer if the line tells; false at the end.
    fn receive(&mut self, writer: &mut Option<u32>) -> bool {
        let mut bytes = [0; 1024];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmCredentials(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let got = loop {
            let mut slices = [IoSliceMut::new(&mut bytes)];
            match rustix::net::recvmsg(&self.stream, &mut slices, &mut control, RecvFlags::CMSG_CLOEXEC) {
                Err(rustix::io::Errno::INTR) => {}
                Ok(got) if got.bytes > 0 => break got.bytes,
                _ => return false,
            }
        };
        *writer = control.drain().find_map(|message| match message {
            RecvAncillaryMessage::ScmCredentials(credentials) => {
                Some(credentials.pid.as_raw_nonzero().get().unsigned_abs())
            }
            _ => None,
        });
        self.held.extend_from_slice(&bytes[..got]);
        true
    }

    /// Reads everything until the other end closes, at most `limit` bytes.
    pub(crate) fn read_all(&mut self, limit: u64) -> Vec<u8> {
        let mut all = std::mem::take(&mut self.held);
        let _ = (&self.stream).take(limit).read_to_end(&mut all);
        all
    }

    /// Writes everything.
    pub(crate) fn write_all(&mut self, bytes: &[u8]) -> Result<(), SysError> {
        self.stream
            .write_all(bytes)
            .map_err(|e| SysError::new("write", "", e))
    }

    /// Closes both directions for every holder of this end.
    pub(crate) fn hang_up(&self) {
        let _ = self.stream.shutdown(std::net::Shutdown::Both);
    }
}

impl From<Line> for OwnedFd {
    fn from(line: Line) -> Self {
        line.stream.into()
    }
}

impl AsFd for Line {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}
