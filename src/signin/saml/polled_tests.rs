use std::sync::Mutex;

use tokio::time::Instant;

use super::*;
use crate::http::Http;
use crate::secret::Secret;
use crate::signin::Interaction;
use crate::signin::saml::dialogue::Answers;
use crate::signin::saml::form_engine::FormEngine;
use crate::signin::saml::hosts::Hosts;
use crate::signin::saml::jar::Jar;
use crate::signin::saml::provider::{Opened, Provider};
use crate::signin::saml::visit::Visit;

const POLLED: &str = "<p>Approve on your phone: <b class=push-number>17</b></p><a href=/other>Other ways</a>\
    <form method=post action='/look?t=1'><input type=hidden name=t value=1></form>";

/// Somebody who only listens.
#[derive(Default)]
struct Listener(Mutex<Vec<String>>);

impl Interaction for Listener {
    fn say(&self, line: &str) {
        self.0.lock().unwrap().push(line.to_owned());
    }

    fn open_browser(&self, _url: &str) -> bool {
        false
    }

    fn choose(&self, question: &str, _choices: &[String]) -> Result<usize> {
        panic!("{question}")
    }

    fn ask(&self, question: &str, _default: Option<&str>) -> Result<String> {
        panic!("{question}")
    }

    fn ask_secret(&self, question: &str) -> Result<Secret> {
        panic!("{question}")
    }
}

/// How often a page was sent again before it was left, after how many seconds, and what was said; at most 200 times.
async fn looks(html: &str) -> (usize, u64, Vec<String>) {
    let page = Page::parse(html, &Url::parse("https://idp.example/push").unwrap()).unwrap();
    let (pages, listener) = (Http::new(None).unwrap().pages(), Listener::default());
    let hosts = Hosts::new(&"https://idp.example/".parse().unwrap(), &[]);
    let mut visit = Visit::new(&pages, hosts, Jar::default());
    let answers = Answers { person: Some(&listener), ..Answers::default() };
    let mut dialogue = Dialogue::new(&mut visit, answers);
    let (mut polled, mut sent, began) = (Polled::default(), 0, Instant::now());
    while sent < 200 && polled.wait(&page, &mut dialogue).await.is_ok() {
        sent += 1;
    }
    let took = began.elapsed().as_secs();
    (sent, took, listener.0.into_inner().unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_page_that_looks_is_left_after_two_minutes_and_looked_at_as_often_as_it_says() {
    for (script, every) in [
        ("<script>setInterval(look, 5000)</script>", 5),
        ("<script src=push.js></script>", 2),
        ("<script>setInterval(look, 600)</script>", 1),
        ("<script>setInterval(look, 30000)</script>", 10),
        ("<meta http-equiv=refresh content='3; url=/elsewhere'>", 3),
    ] {
        let (sent, took, said) = looks(&format!("{script}{POLLED}")).await;
        assert!((120..=130).contains(&took), "{script}: {took} s");
        assert_eq!(sent as u64, took / every + 1, "{script}: the first is sent at once");
        let says = said.iter().filter(|line| *line == "idp.example says: Approve on your phone: 17").count();
        let number = said.iter().filter(|line| line.contains("|     1   7     |")).count();
        assert_eq!((says, number), (1, 1), "{script}: {said:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_that_would_be_sent_at_once_is_not_waited_at() {
    for page in [
        format!("{POLLED}<script>document.forms[0].submit()</script>"),
        POLLED.to_owned(),
        format!("<p role=alert>Refused</p>{POLLED}<script src=push.js></script>"),
        "<script src=app.js></script>".to_owned(),
    ] {
        let (sent, took, said) = looks(&page).await;
        assert_eq!((sent, took), (200, 0), "{page}");
        assert!(said.is_empty(), "{said:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_number_is_shown_where_a_page_waits_by_itself_or_its_script_asks_for_the_state() {
    let shown = "<h1>Choose the number</h1><div class=numbermatching>17</div>";
    for waits in [
        "<meta http-equiv=refresh content='3'>",
        "<form method=post action=/status id=form1></form><form action=/response id=reponseView></form>",
    ] {
        // Nobody answers there: what is said is said before.
        let url = Url::parse("https://127.0.0.1:1/push").unwrap();
        let page = Page::parse(&format!("{waits}{shown}"), &url).unwrap();
        let (pages, listener) = (Http::new(None).unwrap().pages(), Listener::default());
        let hosts = Hosts::new(&"https://127.0.0.1:1/".parse().unwrap(), &[]);
        let mut visit = Visit::new(&pages, hosts, Jar::default());
        let answers = Answers { person: Some(&listener), ..Answers::default() };
        let mut dialogue = Dialogue::new(&mut visit, answers);
        let opened = Opened { url, status: 200, text: String::new(), page };
        let _ = FormEngine::default().take(&opened, &mut dialogue).await;
        let said = listener.0.into_inner().unwrap();
        assert!(said.iter().any(|line| line.contains("|     1   7     |")), "{waits}: {said:?}");
    }
}
