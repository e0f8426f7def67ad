use super::*;
use crate::signin::saml::page::Page;
use proptest::prelude::*;

fn form(inner: &str) -> Form {
    let html = format!("<form id=f method=post action='/go?x=1#y'>{inner}</form>");
    Page::parse(&html, &Url::parse("https://idp.example/a/b").unwrap()).unwrap().forms.remove(0)
}

fn body(request: &Request) -> &str {
    request.body.as_ref().map(|(_, body)| body.expose()).unwrap_or_default()
}

#[test]
fn what_a_browser_sends_is_sent() {
    let form = form(
        "<input type=hidden name=t value='a b&amp;c'><input name=user><input type=password name=pass>\
         <input type=checkbox name=kmsi><input type=checkbox name=on checked>\
         <input type=radio name=r value=1><input type=radio name=r value=2 checked>\
         <select name=s><option value=x>X<option value=y selected>Y</select><input name=off disabled value=z>\
         <input type=file name=file><input type=button name=b value=b>\
         <button name=cancel value=c>Cancel</button><button name=go value=g>Go</button><input value=nameless>",
    );
    let request = form.submitted(&[(1, "alice"), (2, "p&w")]);
    assert_eq!(request.url.as_str(), "https://idp.example/go?x=1");
    assert_eq!(body(&request), "t=a+b%26c&user=alice&pass=p%26w&on=on&r=2&s=y&go=g");
    let radio = form.positions(|field| matches!(field.kind, Kind::Radio { .. }))[0];
    let cancel = form.positions(|field| field.name == "cancel")[0];
    let request = form.submitted(&[(radio, "1"), (cancel, "c")]);
    assert_eq!(body(&request), "t=a+b%26c&user=&pass=&on=on&r=1&s=y&cancel=c");
    assert!(!format!("{request:?} {form:?}").contains("a b"));
}

#[test]
fn a_form_that_is_got_replaces_the_query() {
    let mut form = form("<input type=hidden name=a value=1>");
    form.method = Method::Get;
    assert_eq!(form.submitted(&[]).url.as_str(), "https://idp.example/go?a=1");
}

#[test]
fn multipart_is_honoured() {
    let mut form = form("<input type=hidden name='a\"b' value='----securecart'>");
    form.encoding = Encoding::Multipart;
    let request = form.submitted(&[]);
    let (kind, body) = request.body.unwrap();
    assert_eq!(kind, "multipart/form-data; boundary=----securecart-");
    let wanted = "------securecart-\r\nContent-Disposition: form-data; name=\"a%22b\"\r\n\r\n----securecart\r\n------securecart---\r\n";
    assert_eq!(body.expose(), wanted);
}

proptest! {
    #[test]
    fn what_was_typed_arrives_whatever_it_is(typed in "\\PC{0,40}", token in "[^\\x00\\r\\n]{0,20}") {
        let escaped = token.replace('&', "&amp;").replace('"', "&quot;");
        let form = form(&format!("<input type=hidden name=t value=\"{escaped}\"><input type=password name=p>"));
        let request = form.submitted(&[(1, &typed)]);
        let pairs: Vec<_> = form_urlencoded::parse(body(&request).as_bytes()).into_owned().collect();
        prop_assert_eq!(pairs, [("t".to_owned(), token), ("p".to_owned(), typed)]);
    }
}
