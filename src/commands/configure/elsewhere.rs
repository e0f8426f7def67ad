//! Profiles whose credentials come from another profile, or from what the machine has. Pure.

use super::draft::Draft;
use crate::cli::configure::{CredentialSourceChoice, Elsewhere, MethodChoice, RoleSession};
use crate::config::document::Section;
use crate::config::profile_table::Setting;
use crate::config::session::{InvalidSession, SessionTag};

impl Elsewhere {
    /// What the profile says already, as far as it makes sense.
    pub(super) fn from_section(section: &Section<'_>) -> Self {
        let source = section.text("credential_source").ok().flatten();
        let command = section.texts("mfa_command").unwrap_or_default();
        Self {
            source: section.parsed("source").ok().flatten(),
            external_id: section.parsed("external_id").ok().flatten(),
            role_session_name: section.parsed("role_session_name").ok().flatten(),
            from_aws_profile: section.text("aws_profile").ok().flatten().map(|name| name.value.to_owned()),
            credential_source: source.and_then(|named| clap::ValueEnum::from_str(named.value, false).ok()),
            mfa_serial: section.parsed("mfa_serial").ok().flatten(),
            mfa_command: command.into_iter().map(|word| word.value.to_owned()).collect(),
        }
    }

    /// These, with another's values where there are none.
    pub(super) fn over(self, below: Self) -> Self {
        Self {
            source: self.source.or(below.source),
            external_id: self.external_id.or(below.external_id),
            role_session_name: self.role_session_name.or(below.role_session_name),
            from_aws_profile: self.from_aws_profile.or(below.from_aws_profile),
            credential_source: self.credential_source.or(below.credential_source),
            mfa_serial: self.mfa_serial.or(below.mfa_serial),
            mfa_command: if self.mfa_command.is_empty() { below.mfa_command } else { self.mfa_command },
        }
    }

    /// The method that they tell.
    pub(super) fn method(&self) -> Option<MethodChoice> {
        let of_the_machine = self.from_aws_profile.is_some() || self.credential_source.is_some();
        self.source.is_some().then_some(MethodChoice::Role).or(of_the_machine.then_some(MethodChoice::Aws))
    }

    /// The keys to write.
    pub(super) fn settings(&self) -> impl Iterator<Item = (&'static str, Option<Setting>)> {
        fn text(value: &Option<impl ToString>) -> Option<Setting> {
            value.as_ref().map(|value| Setting::Text(value.to_string()))
        }
        let command = (!self.mfa_command.is_empty()).then(|| Setting::Texts(self.mfa_command.clone()));
        [
            ("source", text(&self.source)),
            ("external_id", text(&self.external_id)),
            ("role_session_name", text(&self.role_session_name)),
            ("aws_profile", text(&self.from_aws_profile)),
            ("credential_source", self.credential_source.map(|source| Setting::Text(source_name(source)))),
            ("mfa_serial", text(&self.mfa_serial)),
            ("mfa_command", command),
        ]
        .into_iter()
    }
}

impl RoleSession {
    /// What the profile says already, as far as it makes sense. Not its policy: how that is laid out is the person's.
    pub(super) fn from_section(section: &Section<'_>) -> Self {
        // A list with a mistake in it stays as it is, rather than being written anew without.
        fn all<T>(parsed: impl Iterator<Item = Result<T, InvalidSession>>) -> Vec<T> {
            parsed.collect::<Result<_, _>>().unwrap_or_default()
        }
        let tags = section.table("tags").unwrap_or_default();
        let transitive = section.texts("transitive_tags").unwrap_or_default();
        let policies = section.texts("policy_arns").unwrap_or_default();
        Self {
            source_identity: section.parsed("source_identity").ok().flatten(),
            session_tag: all(tags.iter().map(|(key, value)| SessionTag::new(key, value.value))),
            transitive_tag: transitive.iter().map(|key| key.value.to_owned()).collect(),
            policy_arn: all(policies.iter().map(|arn| arn.value.parse())),
            policy: None,
        }
    }

    pub(super) fn over(self, below: Self) -> Self {
        fn first<T>(list: Vec<T>, below: Vec<T>) -> Vec<T> {
            if list.is_empty() { below } else { list }
        }
        Self {
            source_identity: self.source_identity.or(below.source_identity),
            session_tag: first(self.session_tag, below.session_tag),
            transitive_tag: first(self.transitive_tag, below.transitive_tag),
            policy_arn: first(self.policy_arn, below.policy_arn),
            policy: self.policy.or(below.policy),
        }
    }

    pub(super) fn settings(&self) -> impl Iterator<Item = (&'static str, Option<Setting>)> {
        let texts = |list: Vec<String>| (!list.is_empty()).then_some(Setting::Texts(list));
        let tags = self.session_tag.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect();
        let policies = self.policy_arn.iter().map(|arn| arn.as_str().to_owned()).collect();
        [
            ("source_identity", self.source_identity.as_ref().map(|name| Setting::Text(name.to_string()))),
            ("tags", (!self.session_tag.is_empty()).then_some(Setting::Table(tags))),
            ("transitive_tags", texts(self.transitive_tag.clone())),
            ("policy_arns", texts(policies)),
            ("policy", self.policy.as_ref().map(|policy| Setting::Text(policy.as_str().to_owned()))),
        ]
        .into_iter()
    }
}

fn source_name(source: CredentialSourceChoice) -> String {
    clap::ValueEnum::to_possible_value(&source).map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// What is wrong with a profile that is two things at once, and what to do instead.
pub(super) fn contradiction(draft: &Draft) -> Option<(String, &'static str)> {
    let Elsewhere {
        source,
        external_id,
        role_session_name,
        from_aws_profile,
        credential_source,
        mfa_serial,
        mfa_command,
    } = &draft.elsewhere;
    let session = &draft.session;
    let method = draft.told_method();
    let first = |keys: &[(&'static str, bool)]| keys.iter().find(|(_, there)| *there).map(|(key, _)| *key);
    let signs_in = first(&[
        ("start_url", draft.start_url.is_some()),
        ("url", draft.url.is_some()),
        ("issuer", draft.issuer.is_some()),
        ("token_file", draft.token_file.is_some()),
        ("token_env", draft.token_env.is_some()),
    ]);
    let of_the_machine =
        first(&[("aws_profile", from_aws_profile.is_some()), ("credential_source", credential_source.is_some())]);
    let of_a_role = first(&[
        ("external_id", external_id.is_some()),
        ("role_session_name", role_session_name.is_some() && method != Some(MethodChoice::Oidc)),
        ("source_identity", session.source_identity.is_some()),
        ("session_tag", !session.session_tag.is_empty()),
        ("transitive_tag", !session.transitive_tag.is_empty()),
        ("policy_arn", !session.policy_arn.is_empty()),
        ("policy", session.policy.is_some()),
    ]);
    let another = "give it a profile of its own, with `--profile NAME`";
    match (method, source, signs_in.or(of_the_machine)) {
        (method, Some(source), _) if method != Some(MethodChoice::Role) => {
            return Some((format!("a profile with the source `{source}` assumes a role, and nothing else"), another));
        }
        (Some(MethodChoice::Role), Some(_), Some(key)) => {
            return Some((
                format!("a role gets its credentials from its `source`, and this profile has `{key}`"),
                another,
            ));
        }
        _ => {}
    }
    match (method, signs_in, of_the_machine) {
        (Some(MethodChoice::Aws), Some(key), _) => {
            return Some((
                format!("a profile of credentials that are there signs in nowhere, and this one has `{key}`"),
                another,
            ));
        }
        (method, _, Some(key)) if method != Some(MethodChoice::Aws) => {
            return Some((format!("`{key}` is for `--method aws`, and this profile signs in otherwise"), another));
        }
        _ => {}
    }
    if from_aws_profile.is_some() && credential_source.is_some() {
        let problem = "`aws_profile` and `credential_source` are two sources of credentials".to_owned();
        return Some((problem, another));
    }
    if method == Some(MethodChoice::Aws) && draft.role_arn.is_some() {
        let problem = "a role is assumed by a profile of its own".to_owned();
        return Some((problem, "give that one `--source` with this profile's name, and `--role-arn`"));
    }
    if let (Some(key), true) = (of_a_role, method != Some(MethodChoice::Role)) {
        let option = key.replace('_', "-");
        return Some((
            format!("`--{option}` is for a role that another profile assumes"),
            "give `--source PROFILE` too",
        ));
    }
    let mut tags = session.session_tag.iter().enumerate();
    if let Some((_, tag)) = tags.find(|(at, tag)| session.session_tag[..*at].iter().any(|other| other.key == tag.key)) {
        return Some((format!("the session tag `{}` is given twice", tag.key), "give each tag one value"));
    }
    let takes_a_code = matches!(method, Some(MethodChoice::Aws | MethodChoice::Role));
    if mfa_serial.is_some() && !takes_a_code {
        let problem =
            "`--mfa-serial` is for an IAM user's keys, or for a role; where you sign in asks for its own codes";
        return Some((problem.to_owned(), "give `--from-aws-profile`, `--credential-source` or `--source` too"));
    }
    if !mfa_command.is_empty() && mfa_serial.is_none() {
        let problem = "`--mfa-command` needs the device whose code it prints".to_owned();
        let swallowed = mfa_command.iter().any(|word| word.split('=').next() == Some("--mfa-serial"));
        let hint = match swallowed {
            true => "give `--mfa-serial ARN` before `--mfa-command`, which takes everything behind it",
            false => "give `--mfa-serial ARN` too, before `--mfa-command`",
        };
        return Some((problem, hint));
    }
    None
}
