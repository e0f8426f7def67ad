use super::stage::*;
use super::*;
use crate::signin::saml::form::Request;

fn page(html: &str) -> Page {
    Page::parse(html, &Url::parse("https://sts.example/adfs/ls/?x=1").unwrap()).unwrap()
}

const OPTIONS: &str = "<form id=options method=post action='/adfs/ls/?client=1'><input id=optionSelection type=hidden name=AuthMethod></form>";

fn body(form: &Form) -> String {
    form.submitted(&[]).body.map(|(_, body)| body.expose().to_owned()).unwrap_or_default()
}

#[test]
fn the_sign_in_page_is_told_from_the_form_of_options_beside_it() {
    let html = format!(
        "<form id=loginForm method=post><input name=UserName type=email><input name=Password type=password><input type=checkbox name=Kmsi value=true><input type=hidden name=AuthMethod value=FormsAuthentication></form>{OPTIONS}"
    );
    let Some(Stage::Password(form)) = stage(&page(&html)) else { panic!("{:?}", stage(&page(&html))) };
    assert_eq!(form.id, "loginForm");
}

#[test]
fn a_second_step_goes_to_the_options_address_with_each_field_once() {
    let html = format!(
        "<form id=loginForm method=post action=/wrong><input id=authMethod type=hidden name=AuthMethod value=SafeNet-MFA><input type=hidden name=AuthMethod value=SafeNet-MFA><input id=context type=hidden name=Context value=c1></form>{OPTIONS}"
    );
    let Some(Stage::Second(method, form)) = stage(&page(&html)) else { panic!("{:?}", stage(&page(&html))) };
    assert_eq!(method, "SafeNet-MFA");
    assert_eq!(form.action.as_str(), "https://sts.example/adfs/ls/?client=1");
    assert_eq!(body(&form), "Context=c1&AuthMethod=SafeNet-MFA");
}

#[test]
fn the_choice_of_a_second_step_is_read_from_what_its_script_is_called_with() {
    let html = format!(
        "{OPTIONS}<a href='#' onclick=\"SelectOption('AzureMfaAuthentication')\">Verify by app</a><div onclick='javascript:SelectOption(\"DuoAdfsAdapter\");return false'>Duo</div><a onclick='other()'>x</a>"
    );
    let Some(Stage::Choose(form, methods)) = stage(&page(&html)) else { panic!("{:?}", stage(&page(&html))) };
    assert_eq!(form.id, "options");
    let methods: Vec<_> = methods.iter().map(|it| (it.name.as_str(), it.label.as_str())).collect();
    assert_eq!(methods, [("AzureMfaAuthentication", "Verify by app"), ("DuoAdfsAdapter", "Duo")]);
}

#[test]
fn an_address_that_names_no_application_is_completed() {
    let aws = "https://sts.example/adfs/ls/IdpInitiatedSignOn.aspx?loginToRp=urn:amazon:webservices";
    let completed = |url: &str, gov| application(&Url::parse(url).unwrap(), gov).to_string();
    for url in [
        "https://sts.example/adfs",
        "https://sts.example/adfs/ls/",
        "https://sts.example/adfs/ls/idpinitiatedsignon",
        aws,
    ] {
        assert_eq!(completed(url, false), aws);
    }
    assert_eq!(completed("https://sts.example/adfs", true), format!("{aws}:govcloud"));
    let other = "https://sts.example/adfs/ls/?wa=wsignin1.0";
    assert_eq!(completed(other, false), other);
}

#[test]
fn adapters_are_known_by_their_method() {
    assert_eq!(way("AzureMfaAuthentication"), Way::Approval);
    assert_eq!(way("VIPAuthenticationProviderWindowsAccountName"), Way::Code("security_code"));
    assert_eq!(way("SecurIDv2Authentication"), Way::EmptyFirst("Passcode"));
    assert_eq!(way("SomebodysAdapter"), Way::Code("OathCode"));
    assert_eq!(way("DuoAdfsAdapter"), Way::Impossible("Duo"));
}

#[test]
fn a_real_sign_in_page_is_classified() {
    let Some(folder) = crate::signin::saml::tests::fixtures() else { return };
    let text = std::fs::read_to_string(folder.join("adfs/loginpage.html")).unwrap();
    assert!(matches!(stage(&page(&text)), Some(Stage::Password(form)) if form.id == "loginForm"));
}

/// Tiles and a box for an e-mail address, as AD FS has them: the field gets its name from the script.
const HOME_REALM: &str = "<form id=hrd method=post action='/adfs/ls/?x=1'><div id=bySelection><input id=hrdSelection type=hidden>\
    <div class=idp role=button aria-label='Active Directory' onkeypress=\"HRD.selection('AD AUTHORITY')\" onclick=\"HRD.selection('AD AUTHORITY'); return false;\"><img></div>\
    <div class=idp role=button onclick=\"HRD.selection('http:\\x2f\\x2fsts.partner.example/trust'); return false;\"><span onclick=\"HRD.selection('http://sts.partner.example/trust')\">Partner</span></div></div>\
    <div id=byEmail><input id=emailInput name=Email type=email value=''><input name=HomeRealmByEmail type=submit value=Next onclick='return HRD.submitEmail()'></div></form>";

#[test]
fn organisations_are_tiles_and_an_e_mail_address() {
    let Some(Stage::HomeRealm(realm)) = stage(&page(HOME_REALM)) else { panic!("{:?}", stage(&page(HOME_REALM))) };
    let names: Vec<_> = realm.realms.iter().map(|it| (it.name.as_str(), it.label.as_str())).collect();
    assert_eq!(names, [("AD AUTHORITY", "Active Directory"), ("http://sts.partner.example/trust", "Partner")]);
    let body = |request: Request| request.body.map(|(_, body)| body.expose().to_owned()).unwrap_or_default();
    assert_eq!(body(realm.selected("AD AUTHORITY")), "HomeRealmSelection=AD+AUTHORITY&Email=", "no button is pressed");
    assert!(realm.takes_email());
    assert_eq!(body(realm.by_email("a@example.com")), "Email=a%40example.com&HomeRealmByEmail=Next");
    for form in ["<form id=hrdForm method=post>", "<form id=HRD_EmailForm method=post>"] {
        let html = format!("{form}<input id=emailInput name=EmailAddress></form>");
        assert!(matches!(stage(&page(&html)), Some(Stage::HomeRealm(realm)) if realm.takes_email()), "{form}");
    }
    let with_password = "<form id=hrd method=post><input name=UserName><input type=password name=Password></form>";
    assert!(matches!(stage(&page(with_password)), Some(Stage::Password(_))));
    assert_eq!(stage(&page("<form id=hrd method=post><input type=hidden name=x></form>")), None);
    let unknown = "<form id=hrd method=post><input id=emailInput name=Email><input type=password name=P></form>";
    assert_eq!(stage(&page(unknown)), None, "a password is the form engine's");
}

fn parties_of(html: &str) -> relying_party::RelyingParties {
    let Some(Stage::RelyingParty(parties)) = stage(&page(html)) else { panic!("{:?}", stage(&page(html))) };
    parties
}

#[test]
fn applications_are_listed_in_each_generation_of_the_page() {
    let sent = |request: Request| request.body.map(|(_, body)| body.expose().to_owned()).unwrap_or_default();
    let options = "<option value=''>Choose<option value=g1>Expenses<option value=g2>Amazon Web Services";
    let newer = parties_of(&format!(
        "<form id=idpForm method=post><input type=radio name=SignInIdpSite value=SignInIdpSite checked><input type=radio name=SignInOtherSite value=SignInOtherSite>\
         <select name=RelyingParty>{options}</select><input type=submit name=SignInSubmit value='Sign in'>\
         <input type=radio name=SingleSignOut value=SingleSignOut checked><input type=submit name=SignOutSubmit value='Sign out'></form>"
    ));
    assert_eq!(
        newer.parties.iter().map(|it| it.label.as_str()).collect::<Vec<_>>(),
        ["Expenses", "Amazon Web Services"]
    );
    assert_eq!(newer.aws(), Some(1));
    assert_eq!(
        sent(newer.chosen(&newer.parties[1])),
        "SignInOtherSite=SignInOtherSite&RelyingParty=g2&SignInSubmit=Sign+in&SingleSignOut=SingleSignOut"
    );
    let older = parties_of(&format!(
        "<form id=aspnetForm method=post><input type=hidden name=__VIEWSTATE value=v>\
         <input type=radio id=ctl00_C_ThisSiteRadio name='ctl00$C$Where' value=ThisSite checked><input type=radio id=ctl00_C_OtherSiteRadio name='ctl00$C$Where' value=OtherSite>\
         <select name='ctl00$C$RelyingPartyDropDownList'>{options}</select><input type=submit name='ctl00$C$SignInButton' value=Go></form>"
    ));
    assert_eq!(
        sent(older.chosen(&older.parties[1])),
        "__VIEWSTATE=v&ctl00%24C%24Where=OtherSite&ctl00%24C%24RelyingPartyDropDownList=g2&ctl00%24C%24SignInButton=Go"
    );
    let bare = parties_of(
        "<form method=post><select name=RelyingParty><option value=g1>Expenses</select><button name=go>Go</button></form>",
    );
    assert_eq!(sent(bare.chosen(&bare.parties[0])), "RelyingParty=g1&go=");
    let button = "<form id=idpForm method=post><input type=radio name=SignInIdpSite value=1 checked><input type=submit name=SignInSubmit value='Sign in'></form>";
    assert!(parties_of(button).parties.is_empty());
    for other in [
        "<form method=post><select name=device><option value=1>Phone</select></form>",
        "<form method=post><input name=x><select name=RelyingParty><option>1</select></form>",
        "<form id=idpForm method=post><input type=hidden name=wresult></form>",
    ] {
        assert_eq!(stage(&page(other)), None, "{other}");
    }
}

#[test]
fn aws_is_known_by_its_identifier_or_else_by_its_name_when_there_is_only_one() {
    let found = |options: &[(&str, &str)]| {
        let options: String =
            options.iter().map(|(value, label)| format!("<option value='{value}'>{label}</option>")).collect();
        parties_of(&format!("<form method=post><select name=RelyingParty>{options}</select></form>")).aws()
    };
    assert_eq!(found(&[("1", "Laws"), ("2", "AWS-Production")]), Some(1));
    assert_eq!(found(&[("1", "Draws"), ("2", "aws"), ("3", "Pawsome")]), Some(1));
    assert_eq!(found(&[("urn:amazon:webservices", "Cloud"), ("2", "AWS (old)")]), Some(0));
    assert_eq!(found(&[("urn:amazon:webservices:govcloud", "Gov"), ("2", "Expenses")]), Some(0));
    assert_eq!(found(&[("1", "AWS"), ("2", "AWS GovCloud")]), None, "a person knows");
    assert_eq!(found(&[("1", "Expenses")]), None);
}

proptest::proptest! {
    #[test]
    fn no_page_of_adfs_panics(words in proptest::collection::vec(proptest::sample::select(vec![
        "<form id=hrd>", "<form id=options>", "<form id=loginForm method=post>", "</form>", "<input id=hrdSelection type=hidden>",
        "<input id=emailInput name=Email>", "<input name=UserName>", "<input type=password name=Password>", "<input type=hidden name=Context value=c>",
        "<input type=hidden name=AuthMethod value=x>", "<input id=authMethod value=FormsAuthentication>", "<a onclick=\"HRD.selection('\">",
        "<a onclick=\"HRD.selection('\\x')\">", "<a onclick=\"SelectOption('é')\">", "</a>", "<div id=errorArea>",
        "<form id=idpForm>", "<select name=RelyingParty>", "<option value=x>", "</select>", "<input type=radio name=SignInOtherSite>", "<input type=submit name=SignInSubmit>", "<input type=submit>"]), 0..30)) {
        let page = page(&words.concat());
        match stage(&page) {
            Some(Stage::HomeRealm(realm)) => {
                let selected: Vec<Request> = realm.realms.iter().map(|it| realm.selected(&it.name)).collect();
                let _ = (realm.by_email("é"), selected);
            }
            Some(Stage::RelyingParty(offered)) => {
                let _ = (offered.aws(), offered.parties.iter().map(|it| offered.chosen(it)).collect::<Vec<_>>());
            }
            Some(Stage::Password(form) | Stage::Second(_, form)) => {
                let _ = (form.submitted(&[]), form.typed());
            }
            _ => {}
        }
    }
}
