//! The conversation with the browser: commands, their replies, and the events in between.

use std::collections::VecDeque;
use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use zeroize::Zeroizing;

use super::error::BrowserError;
use super::wire::Frames;

/// How long one command may take. The first one waits for the browser to start.
const REPLY: Duration = Duration::from_secs(30);
/// More events than come between a command and its reply.
const MAX_WAITING: usize = 1000;

/// A browser at the other end of a pair of pipes.
pub(super) struct DevTools<R, W> {
    from: R,
    to: W,
    frames: Frames,
    events: VecDeque<Event>,
    last_id: u64,
}

/// Something happened in the browser.
pub(super) struct Event {
    /// What, such as `Target.attachedToTarget`.
    pub(super) name: String,
    /// In which session; none is the browser's own.
    pub(super) session: Option<String>,
    params: Zeroizing<String>,
}

impl Event {
    /// What it says of itself.
    ///
    /// # Errors
    /// [`BrowserError::Protocol`].
    pub(super) fn params<T: for<'de> Deserialize<'de>>(&self) -> Result<T, BrowserError> {
        serde_json::from_str(&self.params).map_err(|_| BrowserError::Protocol { problem: "an event has another form" })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message<'a> {
    id: Option<u64>,
    method: Option<String>,
    session_id: Option<String>,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

/// A command's reply: its result as JSON; `None` when the browser refused it.
struct Reply {
    id: u64,
    result: Option<Zeroizing<String>>,
}

impl<R: AsyncRead + Unpin, W: AsyncWrite + Unpin> DevTools<R, W> {
    pub(super) fn new(from: R, to: W) -> Self {
        Self { from, to, frames: Frames::default(), events: VecDeque::new(), last_id: 0 }
    }

    /// Says something without waiting for the reply.
    ///
    /// # Errors
    /// [`BrowserError::Ended`].
    pub(super) async fn send(&mut self, session: Option<&str>, name: &str, params: Value) -> Result<u64, BrowserError> {
        self.last_id += 1;
        let mut message = json!({ "id": self.last_id, "method": name, "params": params });
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        let mut text = Zeroizing::new(message.to_string());
        text.push('\0');
        self.to.write_all(text.as_bytes()).await.map_err(|_| BrowserError::Ended)?;
        Ok(self.last_id)
    }

    /// Says something and waits for the reply; `None` when the browser refuses, as it does when a window is gone.
    ///
    /// # Errors
    /// [`BrowserError::Ended`], [`BrowserError::Protocol`].
    pub(super) async fn call<T: for<'de> Deserialize<'de>>(
        &mut self,
        session: Option<&str>,
        name: &str,
        params: Value,
    ) -> Result<Option<T>, BrowserError> {
        let id = self.send(session, name, params).await?;
        let reply = async {
            loop {
                if let Some(reply) = self.read().await?.filter(|reply| reply.id == id) {
                    return Ok(reply.result);
                }
            }
        };
        let late = || Err(BrowserError::Protocol { problem: "it doesn't answer; a policy may forbid it" });
        let result = tokio::time::timeout(REPLY, reply).await.unwrap_or_else(|_| late())?;
        let read = |text: Zeroizing<String>| serde_json::from_str(&text);
        result.map(read).transpose().map_err(|_| BrowserError::Protocol { problem: "a reply has another form" })
    }

    /// The next event.
    ///
    /// # Errors
    /// [`BrowserError::Ended`], [`BrowserError::Protocol`].
    pub(super) async fn event(&mut self) -> Result<Event, BrowserError> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Ok(event);
            }
            self.read().await?;
        }
    }

    /// Reads a message. Events are put aside; a reply is given back.
    ///
    /// May be dropped while it waits: nothing is lost.
    async fn read(&mut self) -> Result<Option<Reply>, BrowserError> {
        let text = loop {
            if let Some(text) = self.frames.next_message() {
                break text;
            }
            let mut buffer = Zeroizing::new([0_u8; 16 * 1024]);
            match self.from.read(&mut *buffer).await {
                Ok(0) | Err(_) => return Err(BrowserError::Ended),
                Ok(count) => self.frames.push(&buffer[..count])?,
            }
        };
        let other = |_| BrowserError::Protocol { problem: "what it says is not a message" };
        let message: Message<'_> = serde_json::from_slice(&text).map_err(other)?;
        let owned = |raw: &RawValue| Zeroizing::new(raw.get().to_owned());
        if let Some(id) = message.id {
            let result = message.result.filter(|_| message.error.is_none()).map(owned);
            tracing::trace!(id, refused = result.is_none(), "the browser replied");
            return Ok(Some(Reply { id, result }));
        }
        if let Some(name) = message.method {
            if self.events.len() >= MAX_WAITING {
                return Err(BrowserError::Protocol { problem: "it says too much at once" });
            }
            tracing::trace!(name, "the browser told of an event");
            let params = message.params.map(owned).unwrap_or_default();
            self.events.push_back(Event { name, session: message.session_id, params });
        }
        Ok(None)
    }
}
