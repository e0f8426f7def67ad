//! The state token in an Okta page's script. Pure.

use crate::signin::saml::script::literal;

/// The token, with the script's escapes undone. `None` when the page has none.
pub(super) fn state_token(html: &str) -> Option<String> {
    html.match_indices("stateToken").find_map(|(at, word)| {
        let rest = html[at + word.len()..].trim_start_matches(['"', '\'']).trim_start();
        let rest = rest.strip_prefix([':', '='])?.trim_start();
        let token = literal(rest)?;
        let legal = |c: char| c.is_ascii_alphanumeric() || "._-~+/=".contains(c);
        (token.len() >= 10 && token.chars().all(legal)).then_some(token)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tokens_are_found_however_they_are_written() {
        for html in [
            r"<script>var stateToken = '02.id.abc\x2Ddef';</script>",
            r#"<script>{"a":1,"stateToken":"02.id.abc\u002Ddef"}</script>"#,
            r#"config.stateToken="02.id.abc-def""#,
            // The hosted page of the newer widget, and one of an organisation's own domain.
            r#"var oktaData = {"redirectUri":"https:\x2F\x2Fx","signIn":{"el":".okta-login-container","stateToken":"02.id.abc\x2Ddef","features":{}}};"#,
            r#"var config = OktaUtil.getSignInWidgetConfig(); config.stateToken = '02.id.abc\u002Ddef';"#,
            r#"stateToken: '', "stateToken" : '02.id.abc\-def'"#,
        ] {
            assert_eq!(state_token(html).as_deref(), Some("02.id.abc-def"), "{html}");
        }
        for html in [
            "",
            "stateToken",
            "stateToken=x",
            "stateToken='short'",
            "stateToken='<b>injected</b>'",
            "stateToken='02.id.abc",
        ] {
            assert_eq!(state_token(html), None, "{html}");
        }
    }

    proptest! {
        #[test]
        fn no_page_panics(html in "\\PC{0,80}", more in "(stateToken|[:='\"\\\\xu02é]){0,30}") {
            let _ = state_token(&html);
            let _ = state_token(&more);
        }
    }
}
