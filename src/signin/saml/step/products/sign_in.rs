//! Pages with a name and a password, and what comes before and after them.

use super::*;

#[test]
fn pingfederate_is_filled_in_as_its_script_does() {
    let page = "<form method=POST action='/idp/x/resumeSAML20/idp/startSSO.ping' autocomplete=off>\
        <div class=ping-error>We didn't recognise that</div>\
        <input id=username type=text size=36 name='pf.username' value='' autocorrect=off>\
        <input id=password type=password size=36 name='pf.pass' onkeypress='return postOnReturn(event)'>\
        <input type=checkbox name='pf.rememberUsername' id=rememberUsername>\
        <div class=ping-buttons><input type=hidden name='pf.ok' value=''><input type=hidden name='pf.cancel' value=''>\
        <a onclick=\"postCancel();\">Cancel</a><a onclick=\"postOk();\">Sign on</a></div>\
        <input type=hidden name='pf.adapterId' value=Form></form>\
        <script>function postOk() { document.forms[0]['pf.ok'].value = 'clicked'; document.forms[0].submit(); }</script>";
    assert_eq!(filled(first(page)), "pf.username=alice pf.pass=secret pf.ok=clicked pf.cancel= pf.adapterId=Form");
    assert_eq!(after("pf.pass", page), Step::Rejected);
    assert_eq!(says(page).as_deref(), Some("We didn't recognise that"));
    let buttons = "<form method=post><input name='pf.username'><input type=password name='pf.pass'>\
        <button type=submit name='pf.cancel' value=clicked>Cancel</button><button type=submit name='pf.ok' value=clicked>Sign on</button></form>";
    assert_eq!(filled(first(buttons)), "pf.username=alice pf.pass=secret pf.ok=clicked");
    let only_cancel = "<form method=post><input name='pf.username'><input type=password name='pf.pass'>\
        <input type=submit name='pf.cancel' value=clicked></form>";
    assert_eq!(filled(first(only_cancel)), "pf.username=alice pf.pass=secret", "what ends a sign-in is not pressed");
    let identifier = "<form method=post><input type=text name=subject id=identifierInput><input type=hidden name='cancel.identifier.selection' value=false></form>";
    assert_eq!(filled(first(identifier)), "subject=alice cancel.identifier.selection=false");
}

#[test]
fn shibboleth_proceeds_and_asks_before_it_tells_who_somebody_is() {
    for error in ["<p class='form-element form-error'>Bad</p>", "<p class='output-message output--error'>Bad</p>"] {
        let page = format!(
            "<form action='/idp/profile/SAML2/Unsolicited/SSO?execution=e1s1' method=post>\
             <input type=hidden name=csrf_token value=c>{error}\
             <label for=username>Username</label><input class='form-element form-field' id=username name=j_username type=text value=''>\
             <input id=password name=j_password type=password><input type=checkbox name=donotcache value=1 id=donotcache>\
             <input id=_shib_idp_revokeConsent type=checkbox name=_shib_idp_revokeConsent value=true>\
             <button type=submit name='_eventId_authn/SPNEGO'>Windows</button>\
             <button type=submit name=_eventId_proceed onclick='this.childNodes[0].nodeValue=1'>Login</button></form>"
        );
        assert_eq!(filled(first(&page)), "csrf_token=c j_username=alice j_password=secret _eventId_proceed=");
        assert_eq!(after("j_password", &page), Step::Rejected);
        assert_eq!(says(&page).as_deref(), Some("Bad"));
    }
    let consent = "<form action='?execution=e1s3' method=post><input type=hidden name=csrf_token value=c>\
        <input id=a type=checkbox name=_shib_idp_consentIds value=eduPersonEntitlement checked>\
        <input type=radio name=_shib_idp_consentOptions value=_shib_idp_doNotRememberConsent>\
        <input type=radio name=_shib_idp_consentOptions value=_shib_idp_rememberConsent checked>\
        <input type=submit name=_eventId_AttributeReleaseRejected value=Reject>\
        <input type=submit name=_eventId_proceed value=Accept></form>";
    let with = |button: &str| {
        format!(
            "csrf_token=c _shib_idp_consentIds=eduPersonEntitlement _shib_idp_consentOptions=_shib_idp_rememberConsent {button}"
        )
    };
    let offered = menu_of(after("j_password", consent));
    assert_eq!(
        offered,
        [
            ("Reject".to_owned(), with("_eventId_AttributeReleaseRejected=Reject")),
            ("Accept".to_owned(), with("_eventId_proceed=Accept"))
        ]
    );
    let terms = "<form method=post><input type=checkbox name=_shib_idp_consentIds value=t><input type=submit name=_eventId_TermsRejected value=Refuse><input type=submit name=_eventId_proceed value=Submit></form>";
    assert_eq!(after("j_password", terms), Step::Stop(Obstacle::TermsRequired));
    let storage = "<form name=form1 method=post><input type=hidden name=csrf_token value=c><input type=hidden name='shib_idp_ls_exception.shib_idp_session_ss'>\
        <input type=hidden name='shib_idp_ls_supported' value=''><noscript><input type=submit name=_eventId_proceed value=Continue></noscript></form><script>doLoad()</script>";
    let Step::Submit(request) = first(storage) else { panic!("it leads on") };
    assert!(sent(&request).ends_with("_eventId_proceed="), "{}", sent(&request));
}

#[test]
fn simplesamlphp_is_filled_in_and_its_two_forms_of_consent_are_a_question() {
    let page = "<div class='message-box error'><h3>Incorrect user name or password</h3></div>\
        <form id=f action='?' method=post name=f><input id=username type=text name=username value='' tabindex=1>\
        <input id=password type=password tabindex=2 name=password autocomplete=current-password>\
        <button class='pure-button pure-button-red' id=submit_button type=submit tabindex=6>Login</button>\
        <input type=hidden id=processing_trans value='Processing...'><input type=hidden name=AuthState value=s></form>\
        <form id=language-form method=get><select name=language><option value=en>English<option value=de>Deutsch</select></form>";
    assert_eq!(filled(first(page)), "username=alice password=secret AuthState=s");
    assert_eq!(after("password", page), Step::Rejected);
    let consent = "<form id=language-form method=get><select name=language><option value=en>English<option value=de>Deutsch</select></form>\
        <form id=consent_yes action=getconsent><input type=hidden name=StateId value=s><button type=submit name=yes>Yes, continue</button></form>\
        <form id=consent_no action=noconsent><input type=hidden name=StateId value=s><button type=submit name=no>No</button></form>";
    let offered = menu_of(after("password", consent));
    assert_eq!(
        offered,
        [("Yes, continue".to_owned(), "StateId=s yes=".to_owned()), ("No".to_owned(), "StateId=s no=".to_owned())]
    );
}

#[test]
fn lemonldap_cas_netiq_and_f5_are_filled_in() {
    let lemon = "<div class='message message-negative alert' role=alert><span trmsg=5></span></div>\
        <form id=lform action='#' method=post class='login Demo'><input type=hidden name=url value=u><input type=hidden name=timezone>\
        <input type=hidden id=token name=token value=t><input name=user type=text class=form-control trplaceholder=login required>\
        <input id=passwordfield name=password type=password class=form-control trplaceholder=password>\
        <button type=submit class='btn btn-success'><span trspan=connect>Connect</span></button></form>\
        <form action='/resetpwd' method=post><button type=submit name=forgot>x</button></form>";
    assert_eq!(filled(first(lemon)), "url=u timezone= token=t user=alice password=secret");
    assert_eq!(after("password", lemon), Step::Rejected);
    assert_eq!(says(lemon).as_deref(), Some("error 5"));

    let cas = "<div id=loginErrorsPanel class='banner banner-danger'><p>Invalid credentials.</p></div>\
        <form method=post id=fm1><input class='mdc-text-field__input' id=username size=25 type=text name=username autocomplete=username>\
        <input class='mdc-text-field__input pwd' type=password id=password size=25 name=password autocomplete=off>\
        <button class='reveal-password mdc-button' tabindex=-1 type=button><span>show</span></button>\
        <input type=hidden name=execution value=e><input type=hidden name=_eventId value=submit><input type=hidden name=geolocation>\
        <button class='mdc-button' name=submitBtn accesskey=l type=submit value=Login>Login</button></form>";
    assert_eq!(
        filled(first(cas)),
        "username=alice password=secret execution=e _eventId=submit geolocation= submitBtn=Login"
    );
    assert_eq!(says(cas).as_deref(), Some("Invalid credentials."));
    let cas_code = "<form id=fm1 method=post><input type=password id=token name=token size=50 autocomplete=off><input type=hidden name=execution value=e>\
        <input type=hidden name=_eventId value=submit></form>";
    assert_eq!(filled(after("password", cas_code)), "token=123456 execution=e _eventId=submit");

    let netiq = "<form name=IDPLogin enctype='application/x-www-form-urlencoded' method=POST action='/nidp/saml2/sso?sid=0' autocomplete=off>\
        <input type=hidden name=option value=credential><table><tr><td><input type=text name=Ecom_User_ID size=30>\
        <td><input type=password name=Ecom_Password size=30></table><input type=submit value=Login name=loginButton2></form>";
    assert_eq!(filled(first(netiq)), "option=credential Ecom_User_ID=alice Ecom_Password=secret loginButton2=Login");
    let leads_on = "<html><head><script language=JavaScript><!--\ntop.location.href='/nidp/saml2/idpsend?id=aws';\n--></script></head><body></body></html>";
    assert!(matches!(first(leads_on), Step::Submit(request) if request.url.path() == "/nidp/saml2/idpsend"));

    let f5 = "<table id=credentials_table><tr><td colspan=2 id=credentials_table_postheader>The username or password is not correct.</td></tr>\
        <form id=auth_form name=e1 method=post action='' onsubmit='javascript: return verifyAuthForm();'>\
        <tr><td><input type=text name=username class=credentials_input_text value='' size=20></td></tr>\
        <tr><td><input type=password name=password class=credentials_input_password value='' size=20></td></tr>\
        <input type=hidden name=vhost value=standard><tr><td><input type=submit class=credentials_input_submit value=Logon></td></tr></form></table>";
    let f5 = at("https://idp.example/my.policy", f5);
    assert_eq!(filled(next(&f5, &Progress::default()).unwrap()), "username=alice password=secret vhost=standard");
    assert_eq!(f5.complaint.as_deref(), Some("The username or password is not correct."));
    let two = "<form method=post><input name=username><input type=password name=password><input type=password name=password1><input type=hidden name=vhost value=standard></form>";
    assert_eq!(filled(first(two)), "username=alice password=secret password1=123456 vhost=standard");
}

#[test]
fn keycloak_is_known_in_every_theme() {
    let old = "<div class='alert alert-error'><span class='pf-icon'></span><span class=kc-feedback-text>Invalid username or password.</span></div>\
        <form id=kc-form-login onsubmit='login.disabled = true; return true;' action='/realms/r/login-actions/authenticate?x=1' method=post>\
        <label for=username>Username or email</label><input tabindex=1 id=username name=username value='' type=text autofocus autocomplete=off />\
        <input tabindex=2 id=password name=password type=password autocomplete=off /><input tabindex=3 id=rememberMe name=rememberMe type=checkbox>\
        <input type=hidden id=id-hidden-input name=credentialId ><input tabindex=4 name=login id=kc-login type=submit value='Sign In'/></form>";
    let fly = "<div class='pf-v5-c-alert pf-m-inline pf-m-danger'><div class='pf-v5-c-alert__icon'><i class='fas'></i></div>\
        <span class='pf-v5-c-alert__title kc-feedback-text'>Invalid username or password.</span></div>\
        <form id='kc-form-login' class='pf-v5-c-form pf-v5-u-w-100' method='post' novalidate='novalidate' action='/realms/r/login-actions/authenticate?x=1'>\
        <div class='pf-v5-c-form__group'><label for='username' class='pf-v5-c-form__label'><span class='pf-v5-c-form__label-text'>Username or email</span></label>\
        <span class='pf-v5-c-form-control'><input autofocus autocomplete='username' value='' type='text' name='username' id='username' aria-invalid=''/></span></div>\
        <div class='pf-v5-c-input-group'><span class='pf-v5-c-form-control'><input autocomplete='current-password' type='password' name='password' id='password'/></span>\
        <button class='pf-v5-c-button pf-m-control' type='button' aria-label='Show password' data-password-toggle><i></i></button></div>\
        <input type='hidden' id='id-hidden-input' name='credentialId'/><button class='pf-v5-c-button pf-m-primary' name='login' id='kc-login' type='submit'>Sign In</button></form>";
    for (page, button) in [(old, "login=Sign In"), (fly, "login=")] {
        assert_eq!(filled(first(page)), format!("username=alice password=secret credentialId= {button}"));
        assert_eq!(after("password", page), Step::Rejected);
        assert_eq!(says(page).as_deref(), Some("Invalid username or password."));
    }
    let beside = "<span id='input-error-username' class='pf-v5-c-helper-text__item-text' aria-live=polite>Nobody of that name</span>";
    assert_eq!(says(beside).as_deref(), Some("Nobody of that name"));
    let gone = "<div id=kc-error-message><p class=instruction>Invalid request.</p><p><a id=backToApplication href='/'>Back to application</a></p></div>";
    assert_eq!(says(gone).as_deref(), Some("Invalid request."));
    let code = "<form id=kc-otp-login-form method=post><input id=otp name=otp autocomplete=one-time-code type=text><input name=login id=kc-login type=submit value=x></form>";
    assert_eq!(filled(after("password", code)), "otp=123456 login=x");
    let action = |execution: &str| {
        let url =
            format!("https://id.example/auth/realms/r/login-actions/required-action?execution={execution}&client_id=x");
        next(&at(&url, "<form method=post><input name=x><button>Go</button></form>"), &Progress::default()).unwrap()
    };
    assert_eq!(action("UPDATE_PASSWORD"), Step::Stop(Obstacle::PasswordExpired));
    assert_eq!(action("terms_and_conditions"), Step::Stop(Obstacle::TermsRequired));
    assert!(
        matches!(action("webauthn-register"), Step::Stop(Obstacle::ActionRequired(what)) if what.contains("passkey"))
    );
    assert!(matches!(action("of-our-own"), Step::Stop(Obstacle::ActionRequired(_))));
}

#[test]
fn auth0_is_forms_until_it_wants_a_captcha() {
    let form = |more: &str| {
        format!(
            "<form method=POST class=_form-login-id data-form-primary=true><input type=hidden name=state value=s>\
             <input type=text name=username id=username inputmode=email autocomplete='username webauthn' value=''>\
             <input type=password name=password id=password autocomplete=current-password>{more}\
             <button type=button aria-label='Show password' data-action=toggle></button>\
             <button class=ulp-hidden-form-submit-button type=submit name=action value=default aria-hidden=true></button>\
             <button type=submit name=action value=default data-action-button-primary=true>Continue</button></form>\
             <form method=post data-provider=google><input type=hidden name=state value=s><input type=hidden name=connection value=google-oauth2>\
             <button type=submit>Continue with Google</button></form><span id=error-element-password class=ulp-input-error-message>Wrong email or password</span>"
        )
    };
    assert_eq!(filled(first(&form(""))), "state=s username=alice password=secret action=default");
    assert_eq!(after("password", &form("")), Step::Rejected);
    assert_eq!(says(&form("")).as_deref(), Some("Wrong email or password"));
    for captcha in [
        "<input name=captcha type=text>",
        "<div class=g-recaptcha data-sitekey=k></div>",
        "<div class='cf-turnstile'></div>",
    ] {
        assert_eq!(first(&form(captcha)), Step::Stop(Obstacle::Captcha), "{captcha}");
    }
}

#[test]
fn pages_that_are_programs_are_named() {
    let program = |url: &str, html: &str| match next(&at(url, html), &Progress::default()).unwrap() {
        Step::Stop(Obstacle::Program(product)) => product,
        other => panic!("{url}: {other:?}"),
    };
    let entra = "<title>Sign in to your account</title><script>//<![CDATA[\n$Config={\"sCtx\":\"x\",\"urlPost\":\"/common/login\"};\n//]]></script><body></body>";
    assert_eq!(program("https://login.microsoftonline.com/t/saml2", entra), "Microsoft Entra ID");
    let posts_itself = "<form method=post action='./lead.aspx?o=1'><input type=hidden name=__EVENTTARGET value=''><input type=hidden name=__VIEWSTATE value=v></form>\
        <script src=all.js></script><script>App.load(function(){});window.location = 'https://login.microsoftonline.com/t/saml2?SAMLRequest=x';</script>";
    assert_eq!(
        program("https://account.activedirectory.windowsazure.com/applications/lead.aspx", posts_itself),
        "Microsoft Entra ID",
        "its script leads on, and its form back"
    );
    assert_eq!(program("https://sso.example.com/", entra), "Microsoft Entra ID", "whatever its host");
    let leads_on = "<script>$Config={};</script><form method=POST name=hiddenform action='https://sts.example.com/adfs/ls/'><input type=hidden name=wa value=wsignin1.0></form>\
        <script>document.forms[0].submit();</script>";
    let page = at("https://login.microsoftonline.com/t/saml2", leads_on);
    assert!(
        matches!(next(&page, &Progress::default()), Ok(Step::Submit(request)) if request.url.host_str() == Some("sts.example.com"))
    );
    let google = "<form action='/v3/signin'><input type=email name=identifier id=identifierId autocomplete='username webauthn'>\
        <input type=password name=hiddenPassword aria-hidden=true tabindex=-1></form><script src=x></script>";
    assert_eq!(program("https://accounts.google.com/v3/signin/identifier", google), "Google");
    let empty = "<div id=root></div><script src='/static/js/main.js'></script>";
    for (url, product) in [
        ("https://auth.pingone.eu/x/saml20/idp/startsso", "PingOne"),
        ("https://sso.jumpcloud.com/saml2/aws", "JumpCloud"),
        ("https://acme.cloud.com/Citrix/StoreWeb/", "Citrix"),
        ("https://login.example.com/", ""),
    ] {
        assert_eq!(program(url, empty), product, "{url}");
    }
    let lock = "<form id=x></form><script src='https://cdn.auth0.com/js/lock/11.30/lock.min.js'></script>";
    assert_eq!(program("https://login.example.com/login", lock), "Auth0");
    let duo = at(
        "https://api-1.duosecurity.com/frame/v4/auth/prompt",
        "<form id=plugin_form><input type=hidden name=tx value=t></form>",
    );
    assert_eq!(next(&duo, &Progress::default()).unwrap(), Step::Stop(Obstacle::Duo));
    // An address is no place for a password, and a box without a form has no place to go to.
    for html in [
        "<form id=signin><input type=email name=email><input type=password name=password><button>Go</button></form><script src=app.js></script>",
        "<form id=lang method=post><select name=lang><option>en</select></form><input name=user><input type=password name=password><script src=app.js></script>",
    ] {
        assert_eq!(program("https://login.example.com/", html), "", "{html}");
    }
    assert_eq!(
        first("<p class=error>Nothing here</p><script src=x></script>"),
        Step::Stop(Obstacle::Unknown),
        "it says what is wrong"
    );
}

#[test]
fn a_name_that_is_asked_for_again_was_not_accepted() {
    let again = |method: &str, password_sent: bool| {
        let page = at(
            "https://idp.example/login?n=2",
            &format!("<form method={method} action='?n=3'><input type=email name=user></form>"),
        );
        let mut progress = Progress::default();
        let form =
            at("https://idp.example/login?n=1", &format!("<form method={method}><input type=email name=user></form>"))
                .forms
                .remove(0);
        progress.sends_name(&form, &form.fields[0]);
        progress.password_sent = password_sent.then(|| ("idp.example".to_owned(), "password".to_owned()));
        next(&page, &progress).unwrap()
    };
    assert_eq!(again("post", false), Step::NameRejected);
    assert_eq!(again("post", true), Step::Rejected);
    assert_eq!(again("get", false), Step::Stop(Obstacle::Program("")));
}

#[test]
fn a_list_beside_name_and_password_is_asked_about_first() {
    let page = |options: &str| {
        format!(
            "<form method=post><input name=user><input type=password name=password><select name=domain>{options}</select>\
             <select name=lang><option value=en>English<option value=de>Deutsch</select></form>"
        )
    };
    let asked = |step: Step| {
        let Step::Ask { form, questions } = step else { panic!("{step:?} asks nothing") };
        let (offered, chosen) = entries(&form.fields[questions[0].position]);
        assert_eq!(
            questions.iter().map(|it| it.what).collect::<Vec<_>>(),
            [What::Entry, What::Username, What::Password]
        );
        (offered.into_iter().map(|it| it.value).collect::<Vec<_>>(), chosen)
    };
    let both = vec!["a".to_owned(), "b".to_owned()];
    for placeholder in
        ["", "<option value=''>Choose", "<option value='-1' selected>Choose", "<option value=- selected>"]
    {
        let options = format!("{placeholder}<option value=a>A<option value=b>B");
        assert_eq!(asked(first(&page(&options))), (both.clone(), None), "{placeholder}");
    }
    assert_eq!(asked(first(&page("<option value=a>A<option value=b selected>B"))), (both, Some(1)));
    let filled_in = filled(first(&page("<option value=a>A<option value=b>B")));
    assert_eq!(filled_in, "user=alice password=secret domain=chosen lang=en");
    assert_eq!(filled(first(&page("<option value=''>None"))), "user=alice password=secret domain= lang=en");
    let code =
        "<form method=post><input name=otp><select name=domain><option value=a>A<option value=b>B</select></form>";
    assert_eq!(filled(after("password", code)), "otp=123456 domain=a", "a list beside a code stays as it is");
}

#[test]
fn a_page_to_leave_by_is_not_taken_for_one_that_leads_on() {
    let out = "<h1>You are signed in</h1><form id=logout-form method=post action='/logout'><input type=hidden name=t value=1><button>Sign out</button></form>";
    assert_eq!(first(out), Step::Stop(Obstacle::Unknown));
    let language =
        "<form method=post><select name=kc_locale><option value=en>English<option value=de>Deutsch</select></form>";
    assert_eq!(first(language), Step::Stop(Obstacle::Unknown));
    let stay = "<form method=post><input type=hidden name=t value=1><button name=stay value=yes>Yes</button><button name=stay value=no>No</button></form>";
    assert_eq!(
        menu_of(after("p", stay)),
        [("Yes".to_owned(), "t=1 stay=yes".to_owned()), ("No".to_owned(), "t=1 stay=no".to_owned())]
    );
    let elsewhere = "<form method=post><input name=user><input type=password name=p><button name=x value=1 formaction='https://evil.example/'>Go</button><button name=go value=2>Go</button></form>";
    let Step::Ask { form, .. } = first(elsewhere) else { panic!("a password form") };
    let request = form.submitted(&[]);
    assert_eq!(request.url.host_str(), Some("idp.example"), "a button leads nowhere else");
    assert_eq!(sent(&request), "user= p= go=2");
}
