//! The claims policy decides as a second, plainer writing of it does, for any options, any instant and any claims.

#![no_main]

use arbitrary::Arbitrary;
use evertoken::core::error::Code;
use evertoken::core::json::{Object, quote};
use evertoken::core::token::claims;
use evertoken::core::token::header::same_type;
use evertoken::core::token::policy::Policy;
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
    claims: Claims<'a>,
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
        }
    }
}

#[derive(Arbitrary, Debug)]
enum Claims<'a> {
    Text(&'a [u8]),
    Members { iss: Claim, aud: Claim, sub: Claim, jti: Claim, exp: Claim, iat: Claim, nbf: Claim },
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

fn names(list: &[Name]) -> Vec<String> {
    list.iter().map(|name| String::from(name.text())).collect()
}

fuzz_target!(|input: Input<'_>| {
    let text = match &input.claims {
        Claims::Text(text) => text.to_vec(),
        Claims::Members { iss, aud, sub, jti, exp, iat, nbf } => {
            let all = [
                ("iss", iss),
                ("aud", aud),
                ("sub", sub),
                ("jti", jti),
                ("exp", exp),
                ("iat", iat),
                ("nbf", nbf),
            ];
            let members = all
                .iter()
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
    let typ = input.token_typ.map(Name::text);
    let now = f64::from(input.now) + 0.999;

    let answer = policy.check(typ, &object, now);
    match &answer {
        Ok(()) => {}
        Err(error) => {
            assert!(matches!(error.code, Code::JwtExpired | Code::JwtClaimValidationFailed));
            assert!(error.claim.is_some());
            assert!(matches!(error.reason, Some("missing" | "invalid" | "check_failed")));
        }
    }
    // 1e400 is no number for serde_json.
    if let Some(tree) = strict(&text) {
        assert_eq!(
            answer.is_ok(),
            accepts(&policy, typ, &tree, f64::from(input.now)),
            "{}",
            String::from_utf8_lossy(&text)
        );
    }

    policy.clock_tolerance += 1.0;
    let wider = policy.check(typ, &object, now);
    assert!(answer.is_err() || wider.is_ok(), "more tolerance refuses nothing more");
    policy.required_claims.clear();
    policy.typ = None;
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
