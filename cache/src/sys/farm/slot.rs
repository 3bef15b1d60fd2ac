//! Names in a farm's own directory that show nothing by themselves: places for mounts, and links into one.

use std::os::fd::AsFd;
use std::path::Path;

use rustix::fs::{AtFlags, Mode};

use super::super::SysError;
use super::{BLOCK, Farm, FarmError, INLINE_LINK, c_name, take};

impl Farm<'_> {
    /// Makes `name` an empty directory, of mode 0755, or an empty file, of mode 0644, on which something can be mounted.
    pub fn slot(&self, name: &str, is_directory: bool) -> Result<(), FarmError> {
        if !is_directory {
            return self.write(name, &[]);
        }
        let path = self.path.join(name);
        let c_name = c_name(name.as_bytes(), &self.path)?;
        self.make_directory(self.root.as_fd(), &c_name, BLOCK)?;
        rustix::fs::chmodat(
            &self.root,
            &c_name,
            Mode::from_bits_truncate(0o755),
            AtFlags::empty(),
        )
        .map_err(|errno| SysError::new("chmod", &path, errno))?;
        self.count(name)
    }

    /// Makes `name` a symbolic link to `target`.
    pub fn symlink(&self, name: &str, target: &Path) -> Result<(), FarmError> {
        let is_long = target.as_os_str().len() > INLINE_LINK;
        take(self.overseer, if is_long { BLOCK } else { 0 }, 1)?;
        rustix::fs::symlinkat(target, &self.root, name)
            .map_err(|errno| SysError::new("symlink", self.path.join(name), errno))?;
        self.count(name)
    }

    fn count(&self, name: &str) -> Result<(), FarmError> {
        let stat = rustix::fs::statat(&self.root, name, AtFlags::SYMLINK_NOFOLLOW)
            .map_err(|errno| SysError::new("stat", self.path.join(name), errno))?;
        self.counts.add(&stat);
        Ok(())
    }
}
