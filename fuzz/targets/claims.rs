//! The claims policy decides as a second, plainer writing of it does, for any options, any instant and any claims.

#![no_main]

use arbitrary::Arbitrary;
use evertoken::core::error::{Code, StepUp};
use evertoken::core::json::{Object, quote};
use evertoken::core::token::at_hash::AtHash;
use evertoken::core::token::claims;
use evertoken::core::token::header::same_type;
use evertoken::core::token::policy::Policy;
use evertoken::core::token::profile::Profile;
use evertoken::core::token::sign_in::SignIn;
use evertoken_fuzz::{Tree, strict};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    now: u32,
    issuer: Vec<Name>,
    audience: Vec<Name>,
    subject: Option<Name>,
    typ: Option<Name>,
    token_typ: Option<Name>,
    required: Vec<Name>,
    tolerance: u16,
    max_token_age: Option<u16>,
    profile: Option<bool>,
    sign_in: Option<Asked>,
    claims: Claims<'a>,
}

/// What is asked about the sign-in.
#[derive(Arbitrary, Debug)]
struct Asked {
    nonce: Option<Name>,
    authorized_party: Option<Name>,
    at_hash: Option<bool>,
    acr_values: Vec<Name>,
    max_auth_age: Option<u16>,
}

impl Asked {
    fn rules(&self) -> SignIn {
        let mut rules = SignIn::default();
        rules.nonce = self.nonce.map(|name| String::from(name.text()));
        rules.authorized_party = self.authorized_party.map(|name| String::from(name.text()));
        // The left half of the digest stands in the claims as `AAAA`, where it does.
        rules.at_hash = self.at_hash.map(|right| AtHash::from_digest(&[u8::from(!right); 6]));
        rules.step_up = StepUp::default();
        rules.step_up.acr_values = names(&self.acr_values);
        rules.step_up.max_auth_age = self.max_auth_age.map(u32::from);
        rules
    }
}

/// Few names, so that they meet.
#[derive(Arbitrary, Clone, Copy, Debug, PartialEq)]
enum Name {
    Iss,
    Aud,
    Sub,
    Exp,
    Jti,
    AtJwt,
    Application,
    Upper,
    Hash,
    Empty,
}

impl Name {
    const fn text(self) -> &'static str {
        match self {
            Self::Iss => "iss",
            Self::Aud => "aud",
            Self::Sub => "sub",
            Self::Exp => "exp",
            Self::Jti => "jti",
            Self::AtJwt => "at+jwt",
            Self::Application => "application/at+jwt",
            Self::Upper => "Application/AT+JWT",
            Self::Hash => "AAAA",
            Self::Empty => "",
        }
    }
}

#[derive(Arbitrary, Debug)]
enum Claims<'a> {
    Text(&'a [u8]),
    Members { registered: [Claim; 7], others: [Claim; 6] },
}

#[derive(Arbitrary, Debug)]
enum Claim {
    Missing,
    Null,
    Name(Name),
    Names(Vec<Name>),
    /// Seconds after now.
    Instant(i16),
    Half(i16),
    Number(i64),
    Overflow,
}

impl Claim {
    fn json(&self, now: u32) -> Option<String> {
        Some(match self {
            Self::Missing => return None,
            Self::Null => String::from("null"),
            Self::Name(name) => quoted(*name),
            Self::Names(names) => format!(
                "[{}]",
                names.iter().map(|name| quoted(*name)).collect::<Vec<_>>().join(",")
            ),
            Self::Instant(after) => (i64::from(now) + i64::from(*after)).to_string(),
            Self::Half(after) => format!("{}.5", (i64::from(now) + i64::from(*after)).max(0)),
            Self::Number(number) => number.to_string(),
            Self::Overflow => String::from("1e400"),
        })
    }
}

fn quoted(name: Name) -> String {
    let mut out = String::new();
    quote(&mut out, name.text());
    out
}

const REGISTERED: [&str; 7] = ["iss", "aud", "sub", "jti", "exp", "iat", "nbf"];
const OTHERS: [&str; 6] = ["nonce", "azp", "at_hash", "acr", "auth_time", "client_id"];

fn names(list: &[Name]) -> Vec<String> {
    list.iter().map(|name| String::from(name.text())).collect()
}

fuzz_target!(|input: Input<'_>| {
    let text = match &input.claims {
        Claims::Text(text) => text.to_vec(),
        Claims::Members { registered, others } => {
            let all = REGISTERED.iter().zip(registered).chain(OTHERS.iter().zip(others));
            let members = all
                .filter_map(|(name, claim)| Some(format!("\"{name}\":{}", claim.json(input.now)?)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(",")).into_bytes()
        }
    };
    let Ok(object) = claims::parse(&text) else { return };

    let mut policy = Policy::default();
    policy.issuer = names(&input.issuer);
    policy.audience = names(&input.audience);
    policy.subject = input.subject.map(|name| String::from(name.text()));
    policy.typ = input.typ.map(|name| String::from(name.text()));
    policy.required_claims = names(&input.required).into_iter().map(Into::into).collect();
    policy.clock_tolerance = f64::from(input.tolerance);
    policy.max_token_age = input.max_token_age.map(f64::from);
    policy.profile =
        input.profile.map(|access| if access { Profile::AccessToken } else { Profile::IdToken });
    policy.sign_in = input.sign_in.as_ref().map(|asked| Box::new(asked.rules()));
    let typ = input.token_typ.map(Name::text);
    let now = f64::from(input.now) + 0.999;

    let answer = policy.check(typ, &object, now);
    match &answer {
        Ok(()) => {}
        Err(error) if error.code == Code::Options => {
            assert!(policy.profile.is_some() && error.detail().option.is_some());
        }
        Err(error) => {
            assert_eq!(error.code == Code::StepUpRequired, error.detail().step_up.is_some());
            assert!(matches!(
                error.code,
                Code::JwtExpired | Code::JwtClaimValidationFailed | Code::StepUpRequired
            ));
            assert!(error.detail().claim.is_some());
            assert!(matches!(error.detail().reason, Some("missing" | "invalid" | "check_failed")));
        }
    }
    // 1e400 is no number for serde_json.
    if let Some(tree) = strict(&text) {
        assert_eq!(
            answer.is_ok(),
            accepts(&policy, typ, &tree, f64::from(input.now))
                && input.profile.is_none_or(|access| is_of(access, &policy, typ, &tree))
                && input.sign_in.as_ref().is_none_or(|asked| {
                    let is_id = input.profile == Some(false);
                    answers(asked, is_id, &tree, f64::from(input.now), policy.clock_tolerance)
                }),
            "{}",
            String::from_utf8_lossy(&text)
        );
    }

    policy.clock_tolerance += 1.0;
    let wider = policy.check(typ, &object, now);
    assert!(answer.is_err() || wider.is_ok(), "more tolerance refuses nothing more");
    policy.required_claims.clear();
    policy.typ = None;
    policy.profile = None;
    policy.sign_in = None;
    assert!(
        wider.is_err() || policy.check(typ, &object, now).is_ok(),
        "fewer rules refuse nothing more"
    );
    let _ = Object::parse(&text);
});

fn accepts(policy: &Policy, typ: Option<&str>, claims: &Tree, now: f64) -> bool {
    let tolerance = policy.clock_tolerance;
    let text = |name: &str| claims.get(name).and_then(Tree::as_str);
    // A time claim must be a number wherever it stands.
    let mut instants = [None; 3];
    for (slot, name) in instants.iter_mut().zip(["exp", "nbf", "iat"]) {
        *slot = match claims.get(name) {
            None => None,
            Some(Tree::Number(instant)) => Some(*instant),
            Some(_) => return false,
        };
    }
    let [exp, nbf, iat] = instants;
    let for_us = |value: &Tree| {
        value.as_str().is_some_and(|aud| policy.audience.iter().any(|one| one == aud))
    };

    policy.typ.as_deref().is_none_or(|wanted| typ.is_some_and(|typ| same_type(typ, wanted)))
        && policy.required_claims.iter().all(|name| claims.get(name).is_some())
        && (policy.issuer.is_empty()
            || text("iss").is_some_and(|iss| policy.issuer.iter().any(|one| one == iss)))
        && policy.subject.as_deref().is_none_or(|subject| text("sub") == Some(subject))
        && (policy.audience.is_empty()
            || match claims.get("aud") {
                Some(Tree::Array(items)) => items.iter().any(for_us),
                Some(value) => for_us(value),
                None => false,
            })
        && exp.is_none_or(|exp| now < exp + tolerance)
        && nbf.is_none_or(|nbf| nbf - tolerance <= now)
        && policy.max_token_age.is_none_or(|most| {
            iat.is_some_and(|iat| now - iat <= most + tolerance && iat <= now + tolerance)
        })
}

/// Whether a token is of the profile: RFC 9068 or OpenID Connect.
fn is_of(access: bool, policy: &Policy, typ: Option<&str>, claims: &Tree) -> bool {
    let is_there = |name: &&str| claims.get(name).is_some();
    let is_named =
        |name: &str| claims.get(name).and_then(Tree::as_str).is_some_and(|text| !text.is_empty());
    let common = !policy.issuer.is_empty()
        && !policy.audience.is_empty()
        && ["exp", "iat"].iter().all(is_there)
        && is_named("sub");
    if access {
        let wanted = policy.typ.as_deref().or(typ);
        return common
            && wanted.is_some_and(|typ| same_type(typ, "at+jwt"))
            && is_named("client_id")
            && is_named("jti");
    }
    let only = match claims.get("aud") {
        Some(Tree::Array(items)) if items.len() == 1 => items.first(),
        Some(Tree::Array(_)) => None,
        other => other,
    };
    let party = claims.get("azp").or(only).and_then(Tree::as_str);
    let asked = policy.sign_in.as_ref().and_then(|asked| asked.authorized_party.as_deref());
    common
        && (policy.typ.is_some() || !typ.is_some_and(|typ| typ.to_lowercase().ends_with("+jwt")))
        && party.is_some_and(|party| match asked {
            Some(asked) => party == asked,
            None => policy.audience.iter().any(|one| one == party),
        })
}

/// Whether the sign-in behind a token is the one, and as strong and as recent as is asked.
fn answers(asked: &Asked, is_id: bool, claims: &Tree, now: f64, tolerance: f64) -> bool {
    let text = |name: &str| claims.get(name).and_then(Tree::as_str);
    let is = |name: &str, wanted: Option<Name>| {
        wanted.is_none_or(|wanted| text(name) == Some(wanted.text()))
    };
    is("nonce", asked.nonce)
        && (is_id || is("azp", asked.authorized_party))
        && asked.at_hash.is_none_or(|right| right && text("at_hash") == Some("AAAA"))
        && (asked.acr_values.is_empty()
            || text("acr").is_some_and(|acr| asked.acr_values.iter().any(|one| one.text() == acr)))
        && asked.max_auth_age.is_none_or(|most| match claims.get("auth_time") {
            Some(Tree::Number(at)) => {
                now - at >= -tolerance && now - at <= f64::from(most) + tolerance
            }
            _ => false,
        })
}
