//! Reading files at positions, from any thread.

use std::fs::File;
use std::io;

/// Fills a buffer from a position, whatever the position of the handle.
#[cfg(unix)]
pub(super) fn read_exact_at(file: &File, content: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, content, offset)
}

/// Fills a buffer from a position, whatever the position of the handle.
#[cfg(windows)]
pub(super) fn read_exact_at(file: &File, mut content: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !content.is_empty() {
        let read = std::os::windows::fs::FileExt::seek_read(file, content, offset)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        content = &mut content[read..];
        offset += read as u64;
    }
    Ok(())
}
