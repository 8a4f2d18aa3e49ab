//! V2 and V8: tokens and sets that are large, long or oddly written are judged like any other.

#![cfg(feature = "rust-crypto")]

use evertoken::core::error::{Code, Error};
use evertoken::core::token::compact::MAX_LENGTH;
use evertoken::core::token::jwk::Jwk;
use evertoken::core::token::jwks::KeySet;
use evertoken::core::token::policy::Policy;
use evertoken::core::token::verifier::{VerifiedClaims, Verifier};
use evertoken::engine::{Signer, verify};

const NOW: f64 = 1_000.0;
const HEADER: &str = r#"{"alg":"HS256"}"#;
const PAYLOAD: &str = r#"{"sub":"me","exp":2000}"#;

/// A secret of its own for each number.
fn key(number: usize, kid: &str) -> String {
    let k = format!("{number:0>42}A");
    format!(r#"{{"kty":"oct","alg":"HS256","kid":"{kid}","k":"{k}"}}"#)
}

fn signed(number: usize, header: &str, payload: &str) -> String {
    let key = Jwk::parse(key(number, "any").as_bytes()).unwrap();
    Signer::new(&key).unwrap().sign(header, payload).unwrap()
}

fn with(keys: &str, policy: Policy) -> Verifier {
    Verifier::new(KeySet::parse(keys.as_bytes()).unwrap(), policy)
}

fn judged(verifier: &Verifier, token: &str) -> Result<VerifiedClaims, Code> {
    verify(verifier, token, NOW).map_err(|Error { code, .. }| code)
}

#[test]
fn v8_of_ten_thousand_keys_the_one_that_is_named_verifies() {
    let keys: Vec<String> = (0..10_000).map(|n| key(n, &format!("k{n}"))).collect();
    let verifier = with(&format!(r#"{{"keys":[{}]}}"#, keys.join(",")), Policy::default());
    let named = |number: usize, kid: &str| {
        signed(number, &format!(r#"{{"alg":"HS256","kid":"{kid}"}}"#), PAYLOAD)
    };
    assert!(judged(&verifier, &named(9_999, "k9999")).is_ok());
    let refused = |token: String| judged(&verifier, &token).unwrap_err();
    assert_eq!(refused(named(9_998, "k9999")), Code::JwsSignatureVerificationFailed);
    assert_eq!(refused(named(9_999, "k10000")), Code::JwksNoMatchingKey);
    assert_eq!(refused(signed(1, HEADER, PAYLOAD)), Code::JwksMultipleMatchingKeys);
}

#[test]
fn v8_a_name_of_64_kilobytes_is_a_name() {
    let kid = "n".repeat(65_536);
    let verifier = with(&format!(r#"{{"keys":[{}]}}"#, key(1, &kid)), Policy::default());
    let named = |kid: &str| signed(1, &format!(r#"{{"alg":"HS256","kid":"{kid}"}}"#), PAYLOAD);
    assert!(judged(&verifier, &named(&kid)).is_ok());
    let other = format!("{}m", &kid[1..]);
    assert_eq!(judged(&verifier, &named(&other)).unwrap_err(), Code::JwksNoMatchingKey);
}

#[test]
fn v2_names_are_compared_as_they_read_not_as_they_are_written() {
    let verifier = with(&format!(r#"{{"keys":[{}]}}"#, key(1, "one")), Policy::default());
    let header = r#"{"\u0061lg":"\u0048S256","kid":"\u006fne"}"#;
    assert!(judged(&verifier, &signed(1, header, PAYLOAD)).is_ok());
    for header in [
        r#"{"alg":"HS256","\u0061lg":"HS256"}"#,
        r#"{"alg":"HS256","kid":"one","k\u0069d":"one"}"#,
        r#"{"alg":"HS256","x":{"\ud83d\ude00":1,"😀":2}}"#,
        r#"{"alg":"HS256","x":"\ud83d"}"#,
    ] {
        let refused = judged(&verifier, &signed(1, header, PAYLOAD)).unwrap_err();
        assert_eq!(refused, Code::JwsInvalid, "{header}");
    }
    let twice = r#"{"sub":"me","exp":2000,"\u0065xp":9000}"#;
    assert_eq!(judged(&verifier, &signed(1, HEADER, twice)).unwrap_err(), Code::JwtInvalid);
}

#[test]
fn v8_an_audience_among_thousands_is_found_and_a_missing_one_is_not() {
    let mut policy = Policy::default();
    policy.audience = vec![String::from("us")];
    let verifier = with(&key(1, "one"), policy);
    let others = r#""them","#.repeat(20_000);
    let payload = |last: &str| format!(r#"{{"exp":2000,"aud":[{others}{last}]}}"#);
    assert!(judged(&verifier, &signed(1, HEADER, &payload(r#""us""#))).is_ok());
    for last in ["[\"us\"]", "{\"us\":\"us\"}", "null", "\"US\"", "\"us \""] {
        let refused = judged(&verifier, &signed(1, HEADER, &payload(last))).unwrap_err();
        assert_eq!(refused, Code::JwtClaimValidationFailed, "{last}");
    }
}

#[test]
fn v8_a_token_that_is_too_long_is_not_looked_at() {
    let verifier = with(&key(1, "one"), Policy::default());
    let padded = |length: usize| format!(r#"{{"exp":2000,"x":"{}"}}"#, "x".repeat(length));
    let longest = MAX_LENGTH / 4 * 3 - 100;
    assert!(judged(&verifier, &signed(1, HEADER, &padded(longest))).is_ok());
    assert_eq!(
        judged(&verifier, &signed(1, HEADER, &padded(longest + 100))).unwrap_err(),
        Code::JwsInvalid
    );
    let header = format!(r#"{{"alg":"HS256","x":"{}"}}"#, "x".repeat(1 << 20));
    assert_eq!(judged(&verifier, &signed(1, &header, PAYLOAD)).unwrap_err(), Code::JwsInvalid);
}

#[test]
fn v3_instants_are_numbers_however_large_they_are_written() {
    let verifier = with(&key(1, "one"), Policy::default());
    let until = |exp: &str| judged(&verifier, &signed(1, HEADER, &format!(r#"{{"exp":{exp}}}"#)));
    for exp in ["9007199254740993", "1e300", "2000.0000000000000000000000001", "0.2e4", "2E+3"] {
        assert!(until(exp).is_ok(), "{exp}");
    }
    let digits = "0".repeat(100_000);
    assert_eq!(until(&format!("1{digits}")).unwrap_err(), Code::JwtClaimValidationFailed);
    assert_eq!(until(&format!("2000.{digits}1")).map(|_| ()), Ok(()));
    for exp in ["-1e300", "-0", "1e-400", "2e-3"] {
        assert_eq!(until(exp).unwrap_err(), Code::JwtExpired, "{exp}");
    }
}
