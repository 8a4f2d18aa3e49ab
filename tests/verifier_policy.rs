//! V3 and V4: times at their edges, and who, for whom, about whom; answers are jose's.

#![cfg(feature = "rust-crypto")]

use evertoken::core::error::{Code, Error};
use evertoken::core::token::base64url::encode;
use evertoken::core::token::jwk::Jwk;
use evertoken::core::token::jwks::KeySet;
use evertoken::core::token::policy::Policy;
use evertoken::core::token::verifier::Verifier;
use evertoken::engine::{Signer, verify};

const NOW: f64 = 1_000_000.0;

fn key() -> Jwk {
    Jwk::parse(format!(r#"{{"kty":"oct","k":"{}"}}"#, encode(&[7; 32])).as_bytes()).unwrap()
}

fn check_typed(policy: &Policy, typ: &str, payload: &str, now: f64) -> Result<(), Error> {
    let header = format!(r#"{{"alg":"HS256"{typ}}}"#);
    let token = Signer::new(&key()).unwrap().sign(&header, payload).unwrap();
    verify(&Verifier::new(KeySet::from(key()), policy.clone()), &token, now).map(|_| ())
}

fn check(policy: &Policy, payload: &str) -> Result<(), Error> {
    check_typed(policy, "", payload, NOW)
}

fn strict(change: impl FnOnce(&mut Policy)) -> Policy {
    let mut policy = Policy::default();
    policy.clock_tolerance = 0.0;
    change(&mut policy);
    policy
}

fn lax(change: impl FnOnce(&mut Policy)) -> Policy {
    strict(|policy| {
        policy.required_claims.clear();
        change(policy);
    })
}

#[track_caller]
fn refused(answer: Result<(), Error>, code: Code, claim: &str, reason: &str) {
    let error = answer.unwrap_err();
    assert_eq!(
        (error.code, error.detail().claim.as_deref(), error.detail().reason),
        (code, Some(claim), Some(reason))
    );
}

const FAILED: Code = Code::JwtClaimValidationFailed;

#[test]
fn exp_must_be_there_unless_it_is_not_required() {
    refused(check(&strict(|_| ()), "{}"), FAILED, "exp", "missing");
    assert_eq!(check(&lax(|_| ()), "{}"), Ok(()));
}

#[test]
fn times_that_are_no_finite_numbers_are_invalid() {
    for claim in ["exp", "nbf", "iat"] {
        for value in ["\"1000000\"", "null", "true", "[1]", "{}", "1e999", "-1e999"] {
            let payload = format!(r#"{{"{claim}":{value}}}"#);
            refused(check(&lax(|_| ()), &payload), FAILED, claim, "invalid");
        }
    }
}

#[test]
fn expired_means_now_is_at_or_past_exp_and_tolerance() {
    for (exp, tolerance, passes) in [
        ("1000001", 0.0, true),
        ("1000000.001", 0.0, true),
        ("1000000", 0.0, false),
        ("999999.999", 0.0, false),
        ("1000000", 1.0, true),
        ("999996", 5.0, true),
        ("999995.5", 5.0, true),
        ("999995", 5.0, false),
        ("-1", 0.0, false),
        ("-1e308", 5.0, false),
        ("1e308", 0.0, true),
        ("1E+7", 0.0, true),
        ("1e-7", 0.0, false),
        ("0", 0.0, false),
    ] {
        let policy = strict(|policy| policy.clock_tolerance = tolerance);
        let answer = check(&policy, &format!(r#"{{"exp":{exp}}}"#));
        if passes {
            assert_eq!(answer, Ok(()), "{exp} {tolerance}");
        } else {
            refused(answer, Code::JwtExpired, "exp", "check_failed");
        }
    }
}

#[test]
fn a_fraction_of_now_does_not_count() {
    assert_eq!(check_typed(&strict(|_| ()), "", r#"{"exp":1000001}"#, NOW + 0.999), Ok(()));
    assert!(check_typed(&strict(|_| ()), "", r#"{"exp":1000001}"#, NOW + 1.0).is_err());
}

#[test]
fn the_default_tolerance_is_five_seconds() {
    assert_eq!(Policy::default().clock_tolerance, 5.0);
    assert_eq!(check(&Policy::default(), r#"{"exp":999996}"#), Ok(()));
    assert!(check(&Policy::default(), r#"{"exp":999995}"#).is_err());
}

#[test]
fn nbf_may_be_ahead_by_the_tolerance_and_no_more() {
    for (nbf, tolerance, passes) in [
        ("1000000", 0.0, true),
        ("1000001", 0.0, false),
        ("1000005", 5.0, true),
        ("1000006", 5.0, false),
    ] {
        let policy = lax(|policy| policy.clock_tolerance = tolerance);
        let answer = check(&policy, &format!(r#"{{"nbf":{nbf}}}"#));
        if passes {
            assert_eq!(answer, Ok(()), "{nbf} {tolerance}");
        } else {
            refused(answer, FAILED, "nbf", "check_failed");
        }
    }
}

#[test]
fn iat_counts_only_where_an_age_is_asked_for() {
    assert_eq!(check(&lax(|_| ()), r#"{"iat":2000000}"#), Ok(()));
    let aged = lax(|policy| policy.max_token_age = Some(60.0));
    assert_eq!(check(&aged, r#"{"iat":999940}"#), Ok(()));
    refused(check(&aged, r#"{"iat":999939}"#), Code::JwtExpired, "iat", "check_failed");
    refused(check(&aged, r#"{"iat":1000001}"#), FAILED, "iat", "check_failed");
    refused(check(&aged, "{}"), FAILED, "iat", "missing");
    let tolerant = lax(|policy| {
        policy.max_token_age = Some(60.0);
        policy.clock_tolerance = 5.0;
    });
    assert_eq!(check(&tolerant, r#"{"iat":1000005}"#), Ok(()));
    assert_eq!(check(&tolerant, r#"{"iat":999935}"#), Ok(()));
    assert!(check(&tolerant, r#"{"iat":999934}"#).is_err());
}

#[test]
fn audience_is_one_of_ours() {
    let policy = lax(|policy| policy.audience = vec![String::from("a"), String::from("b")]);
    for aud in [r#""a""#, r#""b""#, r#"["x","b"]"#] {
        assert_eq!(check(&policy, &format!(r#"{{"aud":{aud}}}"#)), Ok(()), "{aud}");
    }
    for aud in [r#""x""#, "[]", r#"["x"]"#, "1", "null", r#"[["a"]]"#, r#""A""#] {
        refused(check(&policy, &format!(r#"{{"aud":{aud}}}"#)), FAILED, "aud", "check_failed");
    }
    refused(check(&policy, "{}"), FAILED, "aud", "missing");
}

#[test]
fn issuer_is_one_of_ours_and_subject_is_the_one() {
    let policy = lax(|policy| {
        policy.issuer = vec![String::from("i"), String::from("j")];
        policy.subject = Some(String::from("s"));
    });
    assert_eq!(check(&policy, r#"{"iss":"j","sub":"s"}"#), Ok(()));
    refused(check(&policy, r#"{"iss":"x","sub":"s"}"#), FAILED, "iss", "check_failed");
    refused(check(&policy, r#"{"iss":["i"],"sub":"s"}"#), FAILED, "iss", "check_failed");
    refused(check(&policy, r#"{"iss":"i","sub":"t"}"#), FAILED, "sub", "check_failed");
    refused(check(&policy, r#"{"sub":"s"}"#), FAILED, "iss", "missing");
    refused(check(&policy, r#"{"iss":"i"}"#), FAILED, "sub", "missing");
}

#[test]
fn types_are_equal_with_and_without_application() {
    let policy = lax(|policy| policy.typ = Some(String::from("at+jwt")));
    for typ in ["at+jwt", "application/at+jwt", "AT+JWT"] {
        assert_eq!(check_typed(&policy, &format!(r#","typ":"{typ}""#), "{}", NOW), Ok(()), "{typ}");
    }
    for typ in [r#","typ":"JWT""#, ""] {
        refused(check_typed(&policy, typ, "{}", NOW), FAILED, "typ", "check_failed");
    }
}

#[test]
fn required_claims_must_be_there_whatever_they_hold() {
    let policy = lax(|policy| policy.required_claims = vec!["sid".into()]);
    assert_eq!(check(&policy, r#"{"sid":null}"#), Ok(()));
    refused(check(&policy, "{}"), FAILED, "sid", "missing");
}
