//! What links and short scripts of a page send, and where they lead.

use super::*;

/// A notice with the functions of two links.
fn notice(now: &str, later: &str) -> String {
    format!(
        "<form method=post action=/go><p>It ends in a week.</p><div style='display:none'><input name='pf.passwordExpiring'>\
         <input name='pf.username' value=alice><input type=hidden name='pf.ok' value=''><input name=ChangePassword>\
         <input name='pf.notificationCancel'><input name='pf.pcvId'></div>\
         <a onclick='postNow();'>Now</a><a onclick='return postLater()'>Later</a></form>\
         <script>function postNow() {{ {now} document.forms[0].submit(); }} function postLater() {{ {later} document.forms[0].submit(); }}</script>"
    )
}

const NOW: &str = "document.forms[0]['pf.ok'].value = 'clicked'; document.forms[0]['ChangePassword'].value = 'true';\
    document.forms[0]['pf.passwordExpiring'].value = 'true';";
const LATER: &str = "document.forms[0]['pf.notificationCancel'].value = 'clicked';\
    document.forms[0][\"pf.passwordExpiring\"].value='true'; document.forms[0].elements['pf.pcvId'].value = 'V1';";

#[test]
fn a_password_that_expires_soon_is_changed_later() {
    for step in [first(&notice(NOW, LATER)), after("pf.pass", &notice(NOW, LATER))] {
        let Step::Submit(request) = step else { panic!("{step:?}") };
        let wanted = "pf.passwordExpiring=true pf.username=alice pf.ok= ChangePassword= pf.notificationCancel=clicked pf.pcvId=V1";
        assert_eq!((request.url.path(), sent(&request).as_str()), ("/go", wanted));
    }
}

#[test]
fn links_that_send_different_things_are_a_menu() {
    let page = "<form method=post><input type=hidden name=way><input type=hidden name=t value=1>\
        <a href='javascript:pick()'>Phone</a><a onclick=\"this.form.way.value='mail';document.forms[0].submit()\">Mail</a></form>\
        <script>function pick() { document.getElementById('x'); f.way.value = 'phone'; send_and_submit(); }</script>";
    let wanted = [("Phone".to_owned(), "way=phone t=1".to_owned()), ("Mail".to_owned(), "way=mail t=1".to_owned())];
    assert_eq!(menu_of(after("p", page)), wanted);
}

#[test]
fn what_a_link_sends_is_no_guess() {
    let asks = |page: &str| matches!(after("pf.pass", page), Step::Ask { .. });
    for guess in
        ["['pf.pcvId'].value = other + '1';", "['pf.pcvId'].value = '1' + other;", "['elsewhere'].value = '1';"]
    {
        assert!(asks(&notice(NOW, &format!("{LATER} document.forms[0]{guess}"))), "{guess}");
    }
    assert!(asks(&notice(NOW, "")), "nobody fills in the other lines");
    let password = "<form method=post><input name=user><input type=password name=p><input type=hidden name=go>\
        <a onclick='go()'>Go</a></form><script>function go() { document.forms[0].go.value = '1'; document.forms[0].submit(); }</script>";
    assert_eq!(filled(first(password)), "user=alice p=secret go=", "a form to be filled in is");
}

#[test]
fn what_a_script_puts_into_the_page_is_fetched_from_the_same_host_only() {
    let page = |address: &str, id: &str, more: &str| {
        format!(
            "<script src=lib.js></script><div id=menu style='display:none'><a href=/other>Other</a></div><div id=content></div>\
             <script>function load(address, id) {{ $.get(address, show); }}</script><script> load('{address}', '{id}'); </script>{more}"
        )
    };
    let Step::Submit(request) = first(&page("/next?a=1&b=2", "content", "")) else { panic!("a page to fetch") };
    assert_eq!((request.method, request.url.as_str()), (Method::Get, "https://idp.example/next?a=1&b=2"));
    let ready = "<div id=c></div><script>\n $(document).ready(function(){\n load('/next', \"c\");\n });\n</script>";
    assert!(matches!(first(ready), Step::Submit(request) if request.url.path() == "/next"));
    for other in [
        page("//evil.example/next", "content", ""),
        page("https://evil.example/next", "content", ""),
        page("/next", "nowhere", ""),
        page("/next", "content", "<script>load('/another', 'content')</script>"),
    ] {
        assert_eq!(first(&other), Step::Stop(Obstacle::Program("")), "{other}");
    }
}

#[test]
fn pingid_is_told_that_no_key_can_be_used_and_is_asked_for_the_state() {
    let start = "<form method=post id=start-form><input type=hidden name=isWebAuthnSupportedByBrowser></form><script src=a.js></script>";
    assert!(
        matches!(after("pf.pass", start), Step::Submit(request) if sent(&request) == "isWebAuthnSupportedByBrowser=false")
    );
    let waiting = "<form method=post action=/status id=form1><input type=hidden name=t value=1></form>\
        <form action=/response id=errorReponseView><input type=hidden name=t value=1></form><script src=a.js></script>";
    let Step::Poll { status, then } = after("pf.pass", waiting) else { panic!("a page to wait at") };
    assert_eq!((status.url.path(), then.url.path()), ("/status", "/response"));
}

#[test]
fn a_secret_under_a_name_that_is_locked_now_is_a_code() {
    let page = |lock: &str| {
        format!(
            "<form method=post><input name='pf.username' value=alice {lock}><input type=password name='pf.pass'></form>"
        )
    };
    let step = |html: &str, name_beside: Option<&str>| {
        let password_sent = Some(("idp.example".to_owned(), "pf.pass".to_owned()));
        let name_beside = name_beside.map(str::to_owned);
        let progress = Progress { password_sent, name_beside, ..Progress::default() };
        next(&at("https://idp.example/token", html), &progress).unwrap()
    };
    let token = step(&page("disabled"), Some("pf.username"));
    let Step::Ask { questions, .. } = &token else { panic!("{token:?}") };
    assert!(questions.iter().all(|it| it.is_secret && it.what == What::Code));
    assert_eq!(filled(token), "pf.pass=123456");
    assert_eq!(step(&page(""), Some("pf.username")), Step::Rejected, "the name can be changed still");
    assert_eq!(step(&page("disabled"), None), Step::Rejected, "the name was known before the password");
    assert_eq!(step(&page("disabled"), Some("login")), Step::Rejected, "another name is locked");
}

#[test]
fn a_block_begins_a_word_of_its_own() {
    let page = "<ul><li data-id=d1><a>Phone<div>of Alice</div></a></li></ul><form method=post><input type=hidden name=deviceId></form>";
    assert_eq!(menu_of(after("p", page)), [("Phone of Alice".to_owned(), "deviceId=d1".to_owned())]);
}
