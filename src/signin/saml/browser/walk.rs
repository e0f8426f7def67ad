//! From the application's URL to the provider's response, in the browser's windows.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use url::Url;

use super::super::destination::SIGN_IN_HOSTS;
use super::super::jar::Jar;
use super::cookies::{BrowserCookie, forgotten, jar_of};
use super::devtools::DevTools;
use super::error::BrowserError;
use super::intercept::{Paused, Verdict};
use crate::secret::Secret;

/// How long the last window may be gone before that counts as closing the browser: some pages replace theirs.
const NO_WINDOW: Duration = Duration::from_secs(1);
/// How long the browser may take to close its windows and files.
const CLOSING: Duration = Duration::from_secs(5);
/// What the window shows for the moment before it closes.
const SIGNED_IN: &str = "<!doctype html><meta charset=utf-8><title>Signed in</title>\
    <body style='font:16px system-ui;margin:3em'><h1>Signed in</h1><p>You can close this window and go back to the terminal.";

/// A sign-in under way.
pub(super) struct Walk<R, W> {
    browser: DevTools<R, W>,
    /// The sessions of its windows, with what fills each: a window's target has the name of its top frame.
    windows: BTreeMap<String, String>,
    /// Where to go as soon as there is a window.
    start: Option<Url>,
    begun: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attached {
    session_id: String,
    target_info: Target,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Target {
    target_id: String,
    r#type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detached {
    session_id: String,
}

#[derive(Deserialize)]
struct Version {
    product: String,
}

#[derive(Deserialize)]
struct Cookies {
    cookies: Vec<BrowserCookie>,
}

impl<R: AsyncRead + Unpin, W: AsyncWrite + Unpin> Walk<R, W> {
    pub(super) fn new(from: R, to: W) -> Self {
        Self { browser: DevTools::new(from, to), windows: BTreeMap::new(), start: None, begun: false }
    }

    /// Whether the browser has ever been of use.
    pub(super) fn has_begun(&self) -> bool {
        self.begun
    }

    /// Gives the browser back what it forgot, or with no jar makes it forget everything; then asks to be told of every
    /// window, before it does anything.
    ///
    /// # Errors
    /// [`BrowserError`].
    pub(super) async fn begin(&mut self, jar: Option<&Jar>, start: &Url) -> Result<(), BrowserError> {
        let version: Option<Version> = self.browser.call(None, "Browser.getVersion", json!({})).await?;
        tracing::info!(product = version.map(|version| version.product), "a browser has started");
        let cookies = jar.map(forgotten);
        let (name, params) = match &cookies {
            Some(cookies) => ("Storage.setCookies", json!({ "cookies": cookies })),
            None => ("Storage.clearCookies", json!({})),
        };
        let done: Option<IgnoredAny> = self.browser.call(None, name, params).await?;
        tracing::debug!(name, refused = done.is_none(), "cookies");
        self.start = Some(start.clone());
        self.attach(None, "page").await?;
        self.begun = true;
        Ok(())
    }

    /// Waits until the provider posts its response to AWS, which is stopped.
    ///
    /// # Errors
    /// [`BrowserError`].
    pub(super) async fn response(&mut self) -> Result<Secret, BrowserError> {
        loop {
            let event = if self.windows.is_empty() && self.start.is_none() {
                let event = tokio::time::timeout(NO_WINDOW, self.browser.event()).await;
                event.unwrap_or(Err(BrowserError::Closed))?
            } else {
                self.browser.event().await?
            };
            match (event.name.as_str(), event.session.as_deref()) {
                ("Target.attachedToTarget", parent) => self.attached(event.params()?, parent).await?,
                ("Target.detachedFromTarget", _) => {
                    let Detached { session_id } = event.params()?;
                    self.windows.remove(&session_id);
                }
                ("Fetch.requestPaused", Some(session)) => {
                    if let Some(response) = self.paused(&event.params()?, session).await? {
                        return Ok(response);
                    }
                }
                _ => {}
            }
        }
    }

    /// Asks to be told of what there is and will be of a kind, and that it waits for us.
    async fn attach(&mut self, session: Option<&str>, kind: &str) -> Result<(), BrowserError> {
        let params = json!({ "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true,
                             "filter": [{ "type": kind }] });
        let done: Option<IgnoredAny> = self.browser.call(session, "Target.setAutoAttach", params).await?;
        // A window that is gone needs nothing; a browser that doesn't tell of its windows is of no use.
        match (session, done) {
            (None, None) => Err(BrowserError::Protocol { problem: "it doesn't tell of its windows" }),
            _ => Ok(()),
        }
    }

    async fn attached(&mut self, attached: Attached, parent: Option<&str>) -> Result<(), BrowserError> {
        let session = attached.session_id.as_str();
        let is_window = parent.is_none() && attached.target_info.r#type == "page";
        let patterns: Vec<Value> = SIGN_IN_HOSTS
            .iter()
            .flat_map(|(host, _)| [format!("https://{host}/*"), format!("https://*.{host}/*")])
            .map(|pattern| json!({ "urlPattern": pattern, "requestStage": "Request" }))
            .collect();
        let stops: Option<IgnoredAny> =
            self.browser.call(Some(session), "Fetch.enable", json!({ "patterns": patterns })).await?;
        // Pages of other origins inside this one are targets of their own.
        self.attach(Some(session), "iframe").await?;
        self.browser.send(Some(session), "Runtime.runIfWaitingForDebugger", json!({})).await?;
        if is_window && stops.is_some() {
            self.windows.insert(attached.session_id.clone(), attached.target_info.target_id.clone());
            if let Some(start) = self.start.take() {
                self.browser.send(Some(session), "Page.navigate", json!({ "url": start.as_str() })).await?;
            }
        }
        Ok(())
    }

    /// What becomes of a request to a sign-in host.
    async fn paused(&mut self, paused: &Paused, session: &str) -> Result<Option<Secret>, BrowserError> {
        let verdict = paused.verdict(self.windows.get(session).map_or("", String::as_str));
        let id = paused.request_id.as_str();
        let (name, params, taken) = match verdict {
            Verdict::Take(response) => {
                let headers = json!([{ "name": "Content-Type", "value": "text/html; charset=utf-8" },
                                     { "name": "Cache-Control", "value": "no-store" }]);
                let page = STANDARD.encode(SIGNED_IN);
                let params = json!({ "requestId": id, "responseCode": 200, "responseHeaders": headers, "body": page });
                ("Fetch.fulfillRequest", params, Some(response))
            }
            Verdict::Refuse => {
                tracing::info!("a request to AWS's sign-in page that is no sign-in of this window was stopped");
                ("Fetch.failRequest", json!({ "requestId": id, "errorReason": "BlockedByClient" }), None)
            }
            Verdict::Continue => ("Fetch.continueRequest", json!({ "requestId": id }), None),
        };
        self.browser.send(Some(session), name, params).await?;
        Ok(taken)
    }

    /// The cookies there are.
    ///
    /// # Errors
    /// [`BrowserError`].
    pub(super) async fn cookies(&mut self) -> Result<Jar, BrowserError> {
        let cookies: Option<Cookies> = self.browser.call(None, "Storage.getCookies", json!({})).await?;
        Ok(cookies.map(|all| jar_of(&all.cookies)).unwrap_or_default())
    }

    /// Closes the browser, which writes its profile before it ends. One that doesn't is ended by its owner.
    pub(super) async fn close(&mut self) {
        let closing = async {
            self.browser.send(None, "Browser.close", json!({})).await?;
            loop {
                self.browser.event().await?;
            }
        };
        let _: Result<Result<(), BrowserError>, _> = tokio::time::timeout(CLOSING, closing).await;
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};

    use super::*;

    /// A browser at the other end: what it was told, and what it says.
    struct Played {
        hears: DuplexStream,
        says: DuplexStream,
        told: Vec<Value>,
    }

    impl Played {
        fn new() -> (Walk<DuplexStream, DuplexStream>, Self) {
            let (from, says) = tokio::io::duplex(1024);
            let (to, hears) = tokio::io::duplex(1024);
            (Walk::new(from, to), Self { hears, says, told: Vec::new() })
        }

        async fn say(&mut self, message: Value) {
            self.says.write_all(format!("{message}\0").as_bytes()).await.unwrap();
        }

        /// Hears a command and answers it with nothing but yes.
        async fn hear(&mut self) -> String {
            let mut text = Vec::new();
            loop {
                match self.hears.read_u8().await.unwrap() {
                    0 => break,
                    byte => text.push(byte),
                }
            }
            let command: Value = serde_json::from_slice(&text).unwrap();
            self.say(json!({ "id": command["id"], "result": { "product": "Played/1", "cookies": [] } })).await;
            self.told.push(command);
            self.told.last().unwrap()["method"].as_str().unwrap().to_owned()
        }

        async fn window_opens(&mut self, name: &str) {
            self.say(json!({ "method": "Target.attachedToTarget", "params": { "sessionId": format!("s-{name}"),
                "targetInfo": { "targetId": name, "type": "page", "url": "about:blank" }, "waitingForDebugger": true } }))
            .await;
        }

        async fn posts(&mut self, session: &str, frame: &str) {
            self.say(json!({ "method": "Fetch.requestPaused", "sessionId": session, "params": { "requestId": "r",
                "frameId": frame, "resourceType": "Document", "request": { "method": "POST",
                "url": "https://signin.aws.amazon.com/saml", "postData": "SAMLResponse=abc" } } }))
                .await;
        }
    }

    fn start() -> Url {
        Url::parse("https://sso.example.com/app").unwrap()
    }

    #[tokio::test]
    async fn every_window_is_watched_before_it_does_anything_and_the_first_goes_to_the_application() {
        let (mut walk, mut browser) = Played::new();
        let (response, ()) = tokio::join!(
            async {
                walk.begin(Some(&Jar::default()), &start()).await.unwrap();
                walk.response().await
            },
            async {
                for _ in 0..3 {
                    browser.hear().await;
                }
                browser.window_opens("one").await;
                for _ in 0..4 {
                    browser.hear().await;
                }
                browser.window_opens("two").await;
                for _ in 0..3 {
                    browser.hear().await;
                }
                // In a frame inside the window: stopped, and not taken.
                browser.posts("s-two", "inner").await;
                assert_eq!(browser.hear().await, "Fetch.failRequest");
                browser.posts("s-two", "two").await;
                assert_eq!(browser.hear().await, "Fetch.fulfillRequest");
            }
        );
        assert_eq!(response, Ok(Secret::new("abc")));
        let told: Vec<(&str, &str)> = browser
            .told
            .iter()
            .map(|told| (told["sessionId"].as_str().unwrap_or_default(), told["method"].as_str().unwrap()))
            .collect();
        assert_eq!(
            told[1..10],
            [
                ("", "Storage.setCookies"),
                ("", "Target.setAutoAttach"),
                ("s-one", "Fetch.enable"),
                ("s-one", "Target.setAutoAttach"),
                ("s-one", "Runtime.runIfWaitingForDebugger"),
                ("s-one", "Page.navigate"),
                ("s-two", "Fetch.enable"),
                ("s-two", "Target.setAutoAttach"),
                ("s-two", "Runtime.runIfWaitingForDebugger"),
            ]
        );
        assert_eq!(browser.told[6]["params"]["url"], "https://sso.example.com/app");
    }

    #[tokio::test(start_paused = true)]
    async fn a_closed_window_ends_the_sign_in_and_so_does_a_browser_that_is_gone() {
        let (mut walk, mut browser) = Played::new();
        let (response, ()) = tokio::join!(
            async {
                walk.begin(None, &start()).await.unwrap();
                walk.response().await
            },
            async {
                for _ in 0..3 {
                    browser.hear().await;
                }
                browser.window_opens("one").await;
                for _ in 0..4 {
                    browser.hear().await;
                }
                browser.say(json!({ "method": "Target.detachedFromTarget", "params": { "sessionId": "s-one" } })).await;
            }
        );
        assert_eq!(response, Err(BrowserError::Closed));
        assert_eq!(browser.told[1]["method"], "Storage.clearCookies");
        drop(browser);
        assert_eq!(walk.response().await, Err(BrowserError::Ended));
    }

    #[tokio::test]
    async fn junk_and_endless_messages_are_no_reason_to_panic_or_to_wait() {
        for junk in ["\0", "{}x\0", "[]\0", "{\"method\":\"Fetch.requestPaused\",\"sessionId\":\"s\",\"params\":{}}\0"]
        {
            let (mut walk, mut browser) = Played::new();
            browser.says.write_all(junk.as_bytes()).await.unwrap();
            walk.start = Some(start());
            assert!(matches!(walk.response().await, Err(BrowserError::Protocol { .. })), "{junk}");
        }
    }
}
