//! V4, natively: profiles, and what is asked about the sign-in behind a token.

#![cfg(feature = "rust-crypto")]

use evertoken::core::error::{Code, Error};
use evertoken::core::token::at_hash::AtHash;
use evertoken::core::token::base64url::encode;
use evertoken::core::token::challenge::{Site, challenge};
use evertoken::core::token::jwk::Jwk;
use evertoken::core::token::jwks::KeySet;
use evertoken::core::token::policy::Policy;
use evertoken::core::token::profile::Profile;
use evertoken::core::token::sign_in::SignIn;
use evertoken::core::token::verifier::Verifier;
use evertoken::engine::{Signer, verify};

const NOW: f64 = 1_000_000.0;

fn hmac(algorithm: &str, length: usize) -> Jwk {
    let k = encode(&vec![7; length]);
    Jwk::parse(format!(r#"{{"kty":"oct","alg":"{algorithm}","k":"{k}"}}"#).as_bytes()).unwrap()
}

fn check_with(key: &Jwk, policy: &Policy, typ: &str, payload: &str) -> Result<(), Error> {
    let header = format!(r#"{{"alg":"{}","typ":"{typ}"}}"#, key.signing_algorithm().name());
    let token = Signer::new(key).unwrap().sign(&header, payload).unwrap();
    verify(&Verifier::new(KeySet::from(key.clone()), policy.clone()), &token, NOW).map(|_| ())
}

fn check(policy: &Policy, typ: &str, payload: &str) -> Result<(), Error> {
    check_with(&hmac("HS256", 32), policy, typ, payload)
}

fn profiled(profile: Profile) -> Policy {
    let mut policy = Policy::default();
    policy.profile = Some(profile);
    policy.issuer.push(String::from("i"));
    policy.audience.push(String::from("a"));
    policy
}

fn asking(ask: impl FnOnce(&mut SignIn)) -> Policy {
    let mut policy = Policy::default();
    ask(policy.sign_in.get_or_insert_default());
    policy
}

#[track_caller]
fn refused(answer: Result<(), Error>, code: Code, claim: &str, reason: &str) -> Error {
    let error = answer.unwrap_err();
    assert_eq!(
        (error.code, error.detail().claim.as_deref(), error.detail().reason),
        (code, Some(claim), Some(reason))
    );
    error
}

const FAILED: Code = Code::JwtClaimValidationFailed;
const ACCESS: &str =
    r#"{"iss":"i","aud":"a","exp":1000009,"iat":1000000,"sub":"s","client_id":"c","jti":"j"}"#;

#[test]
fn a_profile_without_its_rules_passes_nothing() {
    for (option, profile) in [Profile::AccessToken, Profile::IdToken]
        .into_iter()
        .flat_map(|profile| [("issuer", profile), ("audience", profile)])
    {
        let mut policy = profiled(profile);
        if option == "issuer" {
            policy.issuer.clear()
        } else {
            policy.audience.clear()
        }
        let typ = if profile == Profile::AccessToken { "at+jwt" } else { "JWT" };
        let error = check(&policy, typ, ACCESS).unwrap_err();
        assert_eq!((error.code, error.detail().option.as_deref()), (Code::Options, Some(option)));
    }
}

#[test]
fn one_token_is_never_of_both_kinds() {
    let (access, id) = (profiled(Profile::AccessToken), profiled(Profile::IdToken));
    assert_eq!(check(&access, "at+jwt", ACCESS), Ok(()));
    refused(check(&access, "JWT", ACCESS), FAILED, "typ", "check_failed");
    assert_eq!(check(&id, "JWT", ACCESS), Ok(()));
    refused(check(&id, "application/AT+JWT", ACCESS), FAILED, "typ", "check_failed");
}

#[test]
fn every_claim_of_rfc_9068_is_required() {
    let policy = profiled(Profile::AccessToken);
    for name in ["iss", "aud", "exp", "iat", "sub", "client_id", "jti"] {
        let payload = ACCESS.replace(&format!("\"{name}\":"), "\"x\":");
        refused(check(&policy, "at+jwt", &payload), FAILED, name, "missing");
    }
}

// The examples of oidc-token-hash, which is what most providers and clients in JavaScript hash with.
const TOKEN: &str = "YmJiZTAwYmYtMzgyOC00NzhkLTkyOTItNjJjNDM3MGYzOWIy9sFhvH8K_x8UIHj1osisS57f5DduL-ar_qw5jl3lthwpMjm283aVMQXDmoqqqydDSqJfbhptzw8rUVwkuQbolw";
const HASHES: [(&str, usize, &str); 3] = [
    ("HS256", 32, "x7vk7f6BvQj0jQHYFIk4ag"),
    ("HS384", 48, "ups_76_7CCye_J1WIyGHKVG7AAs2olYm"),
    ("HS512", 64, "EGEAhGYyfuwDaVTifvrWSoD5MSy_5hZPy6I7Vm-7pTQ"),
];

#[test]
fn at_hash_is_half_of_the_algorithms_own_hash() {
    let policy = asking(|ask| ask.at_hash = Some(AtHash::of(String::from(TOKEN))));
    for (algorithm, length, hash) in HASHES {
        for (_, _, given) in HASHES {
            let payload = format!(r#"{{"exp":1000009,"at_hash":"{given}"}}"#);
            let answer = check_with(&hmac(algorithm, length), &policy, "JWT", &payload);
            if given == hash {
                assert_eq!(answer, Ok(()), "{algorithm}");
            } else {
                refused(answer, FAILED, "at_hash", "check_failed");
            }
        }
    }
}

#[test]
fn an_access_token_that_nobody_hashed_passes_nothing() {
    let policy = asking(|ask| ask.at_hash = Some(AtHash::of(String::from(TOKEN))));
    let claims = evertoken::core::json::Object::parse(br#"{"exp":1000009,"at_hash":"x"}"#).unwrap();
    refused(policy.check(None, &claims, NOW), FAILED, "at_hash", "check_failed");
    assert!(!format!("{policy:?}").contains(&TOKEN[..8]), "an access token is a secret");
}

#[test]
fn a_step_up_carries_what_the_challenge_needs() {
    let policy = asking(|ask| {
        ask.step_up.max_auth_age = Some(60);
        ask.step_up.acr_values = vec![String::from("a"), String::from("b")];
    });
    let good = r#"{"exp":1000009,"acr":"b","auth_time":999935}"#;
    assert_eq!(check(&policy, "JWT", good), Ok(()));
    for (payload, claim, reason) in [
        (good.replace("999935", "999934"), "auth_time", "check_failed"),
        (good.replace("auth_time", "x"), "auth_time", "missing"),
        (good.replace(r#""b""#, r#""c""#), "acr", "check_failed"),
        (good.replace("acr", "x"), "acr", "missing"),
    ] {
        let error = refused(check(&policy, "JWT", &payload), Code::StepUpRequired, claim, reason);
        let value =
            challenge(Some(error.code), error.detail().step_up.as_ref().unwrap(), Site::default());
        assert!(value.unwrap().ends_with(r#", acr_values="a b", max_age="60""#));
    }
}

#[test]
fn every_code_has_a_challenge_that_tells_no_more_than_the_standard() {
    for code in Code::ALL {
        let value = challenge(Some(*code), &Default::default(), Site::default()).unwrap();
        let about_tokens = code.as_str().starts_with("ERR_JW")
            || code.as_str().starts_with("ERR_JOSE")
            || code.as_str().starts_with("ERR_TOKEN");
        let ours = [Code::JwkInvalid, Code::JwksInvalid, Code::JwksTimeout, Code::JwksUnavailable]
            .contains(code);
        let wanted = match code {
            Code::StepUpRequired => "Bearer error=\"insufficient_user_authentication\", ",
            _ if about_tokens && !ours => "Bearer error=\"invalid_token\", ",
            _ => "Bearer",
        };
        assert!(value.starts_with(wanted), "{value}");
        assert_eq!(value == "Bearer", wanted == "Bearer", "{value}");
        assert!(!value.contains("ERR_"));
    }
}
