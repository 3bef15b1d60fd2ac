//! The members of a tar stream, one by one: headers, the extended headers before them, and their content.

use super::super::error::{ArchiveError, TarFault};
use super::super::member::MemberName;
use super::super::source::{Stream, take};
use super::super::supervisor::Meter;
use super::super::writer::Content;
use super::header::{BLOCK, Block, Field, Flag, Header, is_zero};
use super::pax::Extended;
use crate::sys::times::FileTime;

/// Longest extended header or long name that is held in memory, in bytes.
const MAX_EXTENDED: u64 = 64 * 1024;

/// What a member is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TarKind {
    File,
    Directory,
    /// With its text.
    Symlink(Vec<u8>),
    /// With the name of the file it is to share.
    HardLink(Vec<u8>),
    Special,
}

/// A member, with all that was said before it taken into account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TarMember {
    pub(super) name: MemberName,
    pub(super) kind: TarKind,
    pub(super) permissions: u32,
    pub(super) time: FileTime,
    pub(super) size: u64,
    /// A zero byte cuts the name or the target of a link, and something follows it.
    pub(super) has_nul: bool,
}

/// Reads members off a stream.
pub(super) struct Reader<'s> {
    stream: &'s mut dyn Stream,
    needs_end: bool,
    /// Bytes of the stream before the next header, and where the header read last begins.
    position: u64,
    header_at: u64,
}

/// What came before a member, for that member.
#[derive(Debug, Default)]
struct Pending {
    extended: Option<Extended>,
    name: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
}

impl Pending {
    const fn is_empty(&self) -> bool {
        self.extended.is_none() && !self.has_long()
    }

    const fn has_long(&self) -> bool {
        self.name.is_some() || self.link.is_some()
    }
}

impl<'s> Reader<'s> {
    pub(super) fn new(stream: &'s mut dyn Stream, needs_end: bool) -> Self {
        Self {
            stream,
            needs_end,
            position: 0,
            header_at: 0,
        }
    }

    /// The next member; none at the end of the archive. The content of the one before must have been read.
    pub(super) fn next(&mut self, meter: &Meter<'_>) -> Result<Option<TarMember>, ArchiveError> {
        let mut pending = Pending::default();
        loop {
            let Some(header) = self.header(meter)? else {
                return if pending.is_empty() {
                    Ok(None)
                } else {
                    Err(self.broken(TarFault::Dangling))
                };
            };
            match header.flag {
                Flag::Extended if pending.is_empty() => {
                    let bytes = self.held(&header)?;
                    let found = Extended::parse(&bytes).map_err(|fault| self.broken(fault))?;
                    pending.extended = Some(found);
                }
                Flag::LongName if pending.extended.is_none() && pending.name.is_none() => {
                    pending.name = Some(self.long(&header)?);
                }
                Flag::LongLink if pending.extended.is_none() && pending.link.is_none() => {
                    pending.link = Some(self.long(&header)?);
                }
                Flag::Global if pending.is_empty() => {
                    meter.entry()?;
                    self.pass_global(&header)?;
                }
                Flag::Extended | Flag::LongName | Flag::LongLink => {
                    return Err(self.broken(TarFault::Contradiction));
                }
                Flag::Global => return Err(self.broken(TarFault::Dangling)),
                Flag::File | Flag::HardLink | Flag::Symlink | Flag::Special | Flag::Directory => {
                    return self.member(header, pending).map(Some);
                }
            }
        }
    }

    /// The content of a member, to be read to its end.
    pub(super) fn body(&mut self, size: u64) -> Body<'_, 's> {
        Body {
            reader: self,
            left: size,
            size,
            pending: 0,
        }
    }

    /// Sees that nothing but zeros follows the end, and reads them.
    pub(super) fn finish(self, meter: &Meter<'_>) -> Result<(), ArchiveError> {
        loop {
            let bytes = self.stream.fill()?;
            if bytes.is_empty() {
                return Ok(());
            }
            if !is_zero(bytes) {
                return Err(self.broken(TarFault::AfterEnd));
            }
            let count = bytes.len();
            meter.stream(count as u64)?;
            self.stream.consume(count);
        }
    }

    /// The next header; none at the end marker, or where the stream ends without one and may.
    fn header(&mut self, meter: &Meter<'_>) -> Result<Option<Header>, ArchiveError> {
        meter.go_on()?;
        self.header_at = self.position;
        let Some(block) = self.block()? else {
            return self.end_without_marker();
        };
        if !is_zero(&block) {
            let header = Header::parse(&block).map_err(|fault| self.broken(fault))?;
            return Ok(Some(header));
        }
        match self.block()? {
            Some(block) if is_zero(&block) => Ok(None),
            Some(_) => Err(self.broken(TarFault::LoneZero)),
            None => self.end_without_marker(),
        }
    }

    fn end_without_marker(&self) -> Result<Option<Header>, ArchiveError> {
        if self.needs_end || self.position == 0 {
            return Err(self.broken(TarFault::NoEnd));
        }
        Ok(None)
    }

    fn block(&mut self) -> Result<Option<Block>, ArchiveError> {
        let mut block = [0; BLOCK];
        match take(self.stream, &mut block)? {
            0 => Ok(None),
            BLOCK => {
                self.position += BLOCK as u64;
                Ok(Some(block))
            }
            _ => Err(self.broken(TarFault::Cut)),
        }
    }

    /// The whole content of an extended header.
    fn held(&mut self, header: &Header) -> Result<Vec<u8>, ArchiveError> {
        if header.size > MAX_EXTENDED {
            return Err(self.broken(TarFault::TooLong));
        }
        let mut bytes = Vec::new();
        let mut body = self.body(header.size);
        while let Some(piece) = body.piece()? {
            bytes.extend_from_slice(piece);
        }
        Ok(bytes)
    }

    /// A long name, which ends with one zero byte and has no other.
    fn long(&mut self, header: &Header) -> Result<Vec<u8>, ArchiveError> {
        let mut bytes = self.held(header)?;
        if bytes.last() == Some(&0) {
            bytes.pop();
        }
        if bytes.is_empty() || bytes.contains(&0) {
            return Err(self.broken(TarFault::Record));
        }
        Ok(bytes)
    }

    /// Passes over a global header, which names, links or measures nothing.
    fn pass_global(&mut self, header: &Header) -> Result<(), ArchiveError> {
        let bytes = self.held(header)?;
        let found = Extended::parse(&bytes).map_err(|fault| self.broken(fault))?;
        if found.concerns_one_member() {
            return Err(self.broken(TarFault::Contradiction));
        }
        Ok(())
    }

    fn member(&self, header: Header, pending: Pending) -> Result<TarMember, ArchiveError> {
        let extended = pending.extended.unwrap_or_default();
        let size = extended
            .size(header.size, header.has_wide_size)
            .map_err(|fault| self.broken(fault))?;
        let name = given(pending.name.or(extended.path), header.name);
        let link = given(pending.link.or(extended.link), header.link);
        // Without a kind of its own, a directory was told by its name.
        let is_directory = header.flag == Flag::Directory || name.text.ends_with(b"/");
        let is_link = matches!(header.flag, Flag::Symlink | Flag::HardLink);
        let kind = match header.flag {
            Flag::Symlink => TarKind::Symlink(link.text),
            Flag::HardLink => TarKind::HardLink(link.text),
            Flag::Special => TarKind::Special,
            _ if is_directory => TarKind::Directory,
            _ => TarKind::File,
        };
        if kind != TarKind::File && size != 0 {
            return Err(self.broken(TarFault::Body));
        }
        let (seconds, nanoseconds) = extended.time.unwrap_or((header.seconds, 0));
        Ok(TarMember {
            name: MemberName::new(name.text),
            kind,
            permissions: header.permissions,
            time: FileTime::clamped(seconds, nanoseconds),
            size,
            has_nul: name.is_ambiguous || (is_link && link.is_ambiguous),
        })
    }

    const fn broken(&self, fault: TarFault) -> ArchiveError {
        ArchiveError::Tar {
            fault,
            at: self.header_at,
        }
    }
}

/// What was said before the member, else what its own header says.
fn given(before: Option<Vec<u8>>, header: Field) -> Field {
    match before {
        Some(text) => Field {
            text,
            is_ambiguous: false,
        },
        None => header,
    }
}

/// The content of one member, and the padding after it.
pub(super) struct Body<'r, 's> {
    reader: &'r mut Reader<'s>,
    left: u64,
    size: u64,
    /// Bytes of the piece handed out last, to be taken before the next.
    pending: usize,
}

impl Body<'_, '_> {
    fn pass(&mut self, count: usize) {
        self.reader.stream.consume(count);
        self.reader.position = self.reader.position.saturating_add(count as u64);
    }

    fn pass_padding(&mut self) -> Result<(), ArchiveError> {
        let odd = usize::try_from(self.size % BLOCK as u64).unwrap_or(0);
        self.size = 0;
        if odd == 0 {
            return Ok(());
        }
        let mut padding = [0; BLOCK];
        let padding = &mut padding[odd..];
        if take(self.reader.stream, padding)? < padding.len() {
            return Err(self.reader.broken(TarFault::Cut));
        }
        self.reader.position = self.reader.position.saturating_add(padding.len() as u64);
        Ok(())
    }
}

impl Content for Body<'_, '_> {
    fn piece(&mut self) -> Result<Option<&[u8]>, ArchiveError> {
        let pending = std::mem::take(&mut self.pending);
        self.pass(pending);
        if self.left == 0 {
            self.pass_padding()?;
            return Ok(None);
        }
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX);
        let cut = self.reader.broken(TarFault::Cut);
        let bytes = self.reader.stream.fill()?;
        let count = bytes.len().min(wanted);
        if count == 0 {
            return Err(cut);
        }
        self.left -= count as u64;
        self.pending = count;
        Ok(Some(&bytes[..count]))
    }
}
