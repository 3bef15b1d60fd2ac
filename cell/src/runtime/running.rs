//! A container while it runs, as its cell sees it.

use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cache::sys::SysError;

use super::keeper::{self, words};
use super::order::{Order, Work};
use super::{Ended, Kind, RuntimeError, Stdio, Stream, init, record};
use crate::sys::line::{Heard, Line};
use crate::sys::process;
use crate::sys::spawn::Program;

/// The longest that a container may take to start.
const START_LIMIT: Duration = Duration::from_mins(1);

/// A running container; dropped, it is killed and nothing of it is left.
#[derive(Debug)]
pub struct Running {
    id: String,
    kind: Kind,
    workspace: PathBuf,
    pid: u32,
    unlimited: Option<String>,
    is_short: bool,
    line: Line,
    voice: Arc<Mutex<Line>>,
    control: Line,
    keeper: Child,
}

impl Running {
    pub(super) fn start(program: &Path, order: &Order, stdio: Stdio) -> Result<Self, RuntimeError> {
        let (mut running, refused) = Self::launch(program, order, stdio)?;
        if process::watch(&[running.line.as_fd()], Some(START_LIMIT)) != [true] {
            let said = format!("nothing runs after {} s", START_LIMIT.as_secs());
            return Err(RuntimeError::Refused {
                kind: order.kind,
                said,
            });
        }
        match running.line.hear() {
            Heard::Word(word, who) if word == init::RUNNING => {
                running.pid = who.unwrap_or_default();
                running.note_limit();
                Ok(running)
            }
            Heard::Word(word, _) => Err(not_started(&word, order)),
            Heard::Silence => Err(RuntimeError::Refused {
                kind: order.kind,
                said: running
                    .last_words()
                    .or(refused)
                    .unwrap_or_else(|| "it said nothing".to_owned()),
            }),
        }
    }

    fn launch(program: &Path, order: &Order, stdio: Stdio) -> Result<(Self, Option<String>), RuntimeError> {
        let (line, init_end) = Line::pair()?;
        let (control, control_end) = Line::pair()?;
        let (mut orders, orders_end) = Line::pair()?;
        line.ask_who()?;
        let mut start = Program::new(program, [""; 0]);
        start.name = Some(keeper::NAME.into());
        start.streams = [stdio.stdin, stdio.stdout, stdio.stderr].map(stream);
        start.descriptors = vec![init_end, control_end, orders_end];
        let keeper = start.start()?;
        let text = serde_json::to_vec(order).map_err(oci_spec::OciSpecError::from)?;
        let refused = orders.write_all(&text).err().map(|error| error.to_string());
        let voice = Arc::new(Mutex::new(line.writer()?));
        let running = Self {
            id: order.id.clone(),
            kind: order.kind,
            workspace: order.workspace.clone(),
            pid: 0,
            unlimited: None,
            is_short: false,
            line,
            voice,
            control,
            keeper,
        };
        Ok((running, refused))
    }

    /// Its name, unique on this machine.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The host's id of its process 1, in whose namespaces the process runs; with [`Kind::None`] of its supervisor.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Why the container's memory limit is not kept on this machine, for people; nothing if it is, or none was asked for.
    #[must_use]
    pub fn no_memory_limit(&self) -> Option<&str> {
        self.unlimited.as_deref()
    }

    /// Whether the system has killed a process for the limit of memory; known once the container has ended.
    #[must_use]
    pub const fn ran_out_of_memory(&self) -> bool {
        self.is_short
    }

    /// A way to send signals while another thread waits.
    #[must_use]
    pub fn signals(&self) -> Signals {
        Signals(Arc::clone(&self.voice))
    }

    /// Waits for the end of the process and removes the container, with everything that still runs in it.
    ///
    /// A container that ended before its process could tell, after the system has killed for the limit of memory, was
    /// killed for that.
    pub fn wait(mut self) -> Result<Ended, RuntimeError> {
        self.end()
    }

    /// Waits for the end of the process for at most `limit`; nothing if it still runs.
    pub fn wait_for(&mut self, limit: Duration) -> Result<Option<Ended>, RuntimeError> {
        if process::watch(&[self.line.as_fd()], Some(limit)) == [true] {
            return self.end().map(Some);
        }
        Ok(None)
    }

    fn end(&mut self) -> Result<Ended, RuntimeError> {
        let heard = self.line.hear();
        let said = self.last_words();
        self.settle();
        if let Heard::Word(word, _) = &heard {
            let number = |word: &str, what| {
                word.strip_prefix(what)
                    .and_then(|number| number.parse::<i32>().ok())
            };
            if let Some(code) = number(word, init::EXIT) {
                return Ok(Ended::Exit(u8::try_from(code).unwrap_or(u8::MAX)));
            }
            if let Some(signal) = number(word, init::SIGNAL) {
                return Ok(Ended::Signal(signal));
            }
        }
        if self.is_short {
            // The system took the runtime, or process 1, where it might have taken the process: all are in one group.
            return Ok(Ended::Signal(libc::SIGKILL));
        }
        let said = said.unwrap_or_else(|| format!("`{}` or its keeper was killed", self.kind.name()));
        Err(RuntimeError::Lost { said })
    }

    /// Waits for the keeper to have cleared up; does it in its place if it was killed.
    fn settle(&mut self) {
        // Who reaps every child of this process may have been faster.
        let _ = self.keeper.wait();
        let _ = record::settle(&self.workspace);
    }

    /// The keeper's words until it has cleared up.
    fn last_words(&mut self) -> Option<String> {
        let mut last = None;
        while let Heard::Word(word, _) = self.control.hear() {
            self.is_short |= word == words::SHORT;
            let said = word.strip_prefix(words::REFUSED).map(str::trim);
            last = said.filter(|said| !said.is_empty()).map(str::to_owned).or(last);
        }
        last
    }

    /// The keeper has said by now whether memory is limited.
    fn note_limit(&mut self) {
        while process::is_ready(&self.control) {
            match self.control.hear() {
                Heard::Word(word, _) => {
                    self.unlimited = word
                        .strip_prefix(words::UNLIMITED)
                        .map(str::to_owned)
                        .or(self.unlimited.take());
                }
                Heard::Silence => return,
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Silence on both: init ends the container at once, the keeper sees to it and clears up.
        self.line.hang_up();
        self.control.hang_up();
        self.settle();
    }
}

fn not_started(word: &str, order: &Order) -> RuntimeError {
    let errno = word
        .strip_prefix(init::FAILED)
        .and_then(|number| number.parse().ok());
    RuntimeError::Program {
        program: program_of(order),
        source: std::io::Error::from_raw_os_error(errno.unwrap_or(libc::EIO)),
    }
}

fn program_of(order: &Order) -> String {
    match &order.work {
        Work::Direct { args, .. } => args.first().cloned().unwrap_or_default(),
        Work::Container { config, .. } => {
            let config: serde_json::Value = serde_json::from_str(config).unwrap_or_default();
            config["process"]["args"][2]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        }
    }
}

fn stream(stream: Stream) -> Option<std::process::Stdio> {
    match stream {
        Stream::Null => Some(std::process::Stdio::null()),
        Stream::Inherit => None,
        Stream::Descriptor(descriptor) => Some(descriptor.into()),
    }
}

/// Sends signals to the process of a container.
#[derive(Debug, Clone)]
pub struct Signals(Arc<Mutex<Line>>);

impl Signals {
    /// Sends the signal with this number to the process; nothing happens once it has ended.
    pub fn send(&self, signal: i32) -> Result<(), SysError> {
        let word = format!("{}{signal}\n", init::SIGNAL);
        let mut line = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match line.write_all(word.as_bytes()) {
            Err(error) if error.is_broken_pipe() => Ok(()),
            done => done,
        }
    }
}
