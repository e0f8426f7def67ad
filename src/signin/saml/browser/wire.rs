//! The protocol's framing on a pipe: JSON texts, each ended by a NUL. Pure.

use zeroize::{Zeroize as _, Zeroizing};

use super::error::BrowserError;

/// A response of 1 MiB is posted as base64 in a form, and its bytes are told twice over.
pub(super) const MAX_MESSAGE: usize = 16 * 1024 * 1024;

/// Bytes as they come → whole messages.
#[derive(Default)]
pub struct Frames {
    bytes: Zeroizing<Vec<u8>>,
    /// What has been looked through already.
    searched: usize,
}

impl Frames {
    /// Takes what was read.
    ///
    /// # Errors
    /// [`BrowserError::Protocol`] for a message that is too long to be one.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), BrowserError> {
        if self.bytes.len() + bytes.len() > MAX_MESSAGE {
            return Err(BrowserError::Protocol { problem: "one of its messages is too long" });
        }
        if self.bytes.capacity() < self.bytes.len() + bytes.len() {
            // Grown by hand: what is left behind is wiped.
            let mut larger = Zeroizing::new(Vec::with_capacity((self.bytes.len() + bytes.len()) * 2));
            larger.extend_from_slice(&self.bytes);
            self.bytes = larger;
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    /// The next whole message, without its end.
    pub fn next_message(&mut self) -> Option<Zeroizing<Vec<u8>>> {
        let Some(at) = self.bytes[self.searched..].iter().position(|byte| *byte == 0) else {
            self.searched = self.bytes.len();
            return None;
        };
        let end = self.searched + at;
        let message = Zeroizing::new(self.bytes[..end].to_vec());
        let rest = self.bytes.len() - end - 1;
        self.bytes.copy_within(end + 1.., 0);
        self.bytes[rest..].zeroize();
        self.bytes.truncate(rest);
        self.searched = 0;
        Some(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_message_without_an_end_is_not_waited_for_forever() {
        let mut frames = Frames::default();
        for _ in 0..MAX_MESSAGE / (1024 * 1024) {
            frames.push(&[b' '; 1024 * 1024]).unwrap();
            assert!(frames.next_message().is_none());
        }
        assert!(frames.push(b"x").is_err());
    }

    proptest! {
        #[test]
        fn messages_come_out_as_they_went_in_however_they_are_cut(
            messages in prop::collection::vec("[^\0]{0,40}", 0..8),
            cut in 1_usize..20,
        ) {
            let sent: Vec<u8> = messages.iter().flat_map(|message| [message.as_bytes(), &[0]].concat()).collect();
            let mut frames = Frames::default();
            let mut got = Vec::new();
            for piece in sent.chunks(cut) {
                frames.push(piece).unwrap();
                while let Some(message) = frames.next_message() {
                    got.push(String::from_utf8(message.to_vec()).unwrap());
                }
            }
            prop_assert_eq!(got, messages);
        }
    }
}
