//! V2 and V8 in Rust alone: what must never pass, each with its code.

#![cfg(feature = "rust-crypto")]

use evertoken::core::error::{Code, Error};
use evertoken::core::token::algorithm::Algorithm;
use evertoken::core::token::base64url::{decode, encode};
use evertoken::core::token::jwk::Jwk;
use evertoken::core::token::jwks::KeySet;
use evertoken::core::token::policy::Policy;
use evertoken::core::token::verifier::Verifier;
use evertoken::engine::{Signer, verify};
use proptest::prelude::*;

const ES256: &str = r#"{"kty":"EC","crv":"P-256","kid":"ec",
    "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    "d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;
const ED25519: &str = r#"{"kty":"OKP","crv":"Ed25519","kid":"ed",
    "d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
const HS256: &str = r#"{"kty":"oct","kid":"hs","alg":"HS256",
    "k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#;
const ES384: &str = r#"{"kty":"EC","crv":"P-384","kid":"e3",
    "x":"xWh4mA2YtqHkipxpOrETUwEdiCJfiv6SKvoJeQhwfkWTS-ge3lY3iH13UjVPlwgP",
    "y":"_CbzPxj0V4nryioY79v2MFkFPFe4rdpRp9fbwYfqYzOFQM-qhrPPfU87MPhPFOE0",
    "d":"D97dDDJOj7MR2G64dEp08AdjAm7ACFdq438TgFYX2WqfQ7Zk3Xf-fwgZzhMWU9Xa"}"#;
const NOW: f64 = 1_000.0;
const PAYLOAD: &str = r#"{"sub":"me","exp":2000}"#;

fn jwk(json: &str) -> Jwk {
    Jwk::parse(json.as_bytes()).unwrap()
}

fn one(json: &str) -> Verifier {
    Verifier::new(KeySet::from(jwk(json)), Policy::default())
}

fn all() -> Verifier {
    Verifier::new(
        KeySet::from(vec![jwk(ES256), jwk(ES384), jwk(ED25519), jwk(HS256)]),
        Policy::default(),
    )
}

fn signed(key: &str, header: &str, payload: &str) -> String {
    Signer::new(&jwk(key)).unwrap().sign(header, payload).unwrap()
}

fn code(verifier: &Verifier, token: &str) -> Code {
    verify(verifier, token, NOW).map(|_| ()).unwrap_err().code
}

#[test]
fn good_tokens_of_every_algorithm_pass() {
    for (key, alg, kid) in [
        (ES256, "ES256", "ec"),
        (ES384, "ES384", "e3"),
        (ED25519, "EdDSA", "ed"),
        (ED25519, "Ed25519", "ed"),
        (HS256, "HS256", "hs"),
    ] {
        let token = signed(key, &format!(r#"{{"alg":"{alg}","kid":"{kid}"}}"#), PAYLOAD);
        for verifier in [one(key), all()] {
            let claims = verify(&verifier, &token, NOW).unwrap();
            assert_eq!(claims.claims_json(), PAYLOAD);
            assert_eq!(claims.string("sub").as_deref(), Some("me"));
            assert_eq!(claims.number("exp"), Some(2000.0));
        }
    }
}

#[test]
fn no_algorithm_is_taken_in_any_spelling() {
    for alg in ["none", "None", "NONE", "nOnE", "HS512", "RS256", "es256", "ES256\\u0000"] {
        let header = encode(format!(r#"{{"alg":"{alg}","kid":"ec"}}"#).as_bytes());
        let token = format!("{header}.{}.", encode(PAYLOAD.as_bytes()));
        assert_eq!(code(&all(), &token), Code::AlgNotAllowed, "{alg}");
    }
}

#[test]
fn a_public_key_is_no_hmac_secret() {
    let public = jwk(ES256).public_json().unwrap();
    let secret = format!(r#"{{"kty":"oct","k":"{}"}}"#, encode(public.as_bytes()));
    let token = signed(&secret, r#"{"alg":"HS256","kid":"ec"}"#, PAYLOAD);
    assert_eq!(code(&one(ES256), &token), Code::AlgNotAllowed);
    // With an HMAC key beside it, the kid leads to the EC key, which does not do HMAC.
    assert_eq!(code(&all(), &token), Code::JwksNoMatchingKey);
    let unnamed = signed(&secret, r#"{"alg":"HS256"}"#, PAYLOAD);
    assert_eq!(code(&all(), &unnamed), Code::JwsSignatureVerificationFailed);
}

#[test]
fn a_key_never_comes_from_the_token() {
    let thief = r#"{"kty":"EC","crv":"P-256",
        "x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
        "d":"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE"}"#;
    let public = jwk(thief).public_json().unwrap();
    for lure in [
        format!(r#""jwk":{public}"#),
        String::from(r#""jku":"https://thief.example/jwks.json""#),
        String::from(r#""x5u":"https://thief.example/cert""#),
        String::from(r#""x5c":["MIIB"]"#),
    ] {
        let token = signed(thief, &format!(r#"{{"alg":"ES256",{lure}}}"#), PAYLOAD);
        assert_eq!(code(&one(ES256), &token), Code::JwsSignatureVerificationFailed, "{lure}");
    }
}

#[test]
fn malformed_and_critical_headers_are_refused_though_well_signed() {
    for (header, expected) in [
        (r#"{"alg":"ES256","crit":[]}"#, Code::JwsInvalid),
        (r#"{"alg":"ES256","crit":["x"]}"#, Code::JwsInvalid),
        (r#"{"alg":"ES256","crit":["x"],"x":1}"#, Code::NotSupported),
        (r#"{"alg":"ES256","crit":["b64"],"b64":false}"#, Code::JwtInvalid),
        (r#"{"alg":"ES256","b64":false}"#, Code::JwtInvalid),
        (r#"{"alg":"ES256","alg":"ES256"}"#, Code::JwsInvalid),
        (r#"{"alg":"ES256","kid":"ec","\u006bid":"ec"}"#, Code::JwsInvalid),
        (r#"{"alg":"ES256"} x"#, Code::JwsInvalid),
        (r#"{"typ":"JWT"}"#, Code::JwsInvalid),
        (r#"{"alg":""}"#, Code::JwsInvalid),
        (r#"["ES256"]"#, Code::JwsInvalid),
    ] {
        assert_eq!(code(&one(ES256), &signed(ES256, header, PAYLOAD)), expected, "{header}");
    }
}

#[test]
fn an_understood_extension_passes() {
    let mut verifier = one(ES256);
    verifier.policy.crit = vec![String::from("x")];
    let token = signed(ES256, r#"{"alg":"ES256","crit":["x"],"x":1}"#, PAYLOAD);
    assert!(verify(&verifier, &token, NOW).is_ok());
}

#[test]
fn other_forms_of_a_good_token_are_refused() {
    let token = signed(ES256, r#"{"alg":"ES256"}"#, PAYLOAD);
    let (input, signature) = token.rsplit_once('.').unwrap();
    for other in [
        format!("{token}."),
        format!("{token}.AAAA"),
        format!("{token}=="),
        format!("{token} "),
        format!("{token}\n"),
        format!("\u{feff}{token}"),
        input.to_owned(),
        format!("{input}.{}", spare_bit(signature)),
        token.replace('-', "+").replace('_', "/") + "+",
    ] {
        assert_eq!(code(&one(ES256), &other), Code::JwsInvalid, "{other}");
    }
    assert_eq!(code(&one(ES256), &format!("{input}.")), Code::JwsSignatureVerificationFailed);
}

/// The same bytes with one of the unused bits of the last character set.
fn spare_bit(text: &str) -> String {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (rest, last) = text.split_at(text.len() - 1);
    let next = ALPHABET.find(last).unwrap() + 1;
    assert!(decode(text).is_some() && !text.len().is_multiple_of(4));
    format!("{rest}{}", &ALPHABET[next..=next])
}

#[test]
fn payloads_must_be_strict_objects() {
    for payload in ["", "null", "[]", "{", r#"{"exp":2000,"exp":2000}"#, "{\"exp\":2000}x"] {
        let token = signed(ES256, r#"{"alg":"ES256"}"#, payload);
        assert_eq!(code(&one(ES256), &token), Code::JwtInvalid, "{payload}");
    }
}

#[test]
fn a_set_gives_the_one_key_that_is_named() {
    let other = jwk(&ES256.replace("\"ec\"", "\"ec2\""));
    let set = |keys| Verifier::new(KeySet::from(keys), Policy::default());
    let two = set(vec![jwk(ES256), other]);
    let token = |header: &str| signed(ES256, header, PAYLOAD);
    assert!(verify(&two, &token(r#"{"alg":"ES256","kid":"ec2"}"#), NOW).is_ok());
    assert_eq!(code(&two, &token(r#"{"alg":"ES256","kid":"no"}"#)), Code::JwksNoMatchingKey);
    assert_eq!(code(&two, &token(r#"{"alg":"ES256"}"#)), Code::JwksMultipleMatchingKeys);
    for member in [r#""use":"enc","#, r#""key_ops":["encrypt"],"#] {
        let json = ES256.replacen('{', &format!("{{{member}"), 1);
        let verifier = set(vec![jwk(&json)]);
        assert_eq!(code(&verifier, &token(r#"{"alg":"ES256"}"#)), Code::JwksNoMatchingKey);
    }
}

#[test]
fn the_option_algorithms_narrows_what_keys_allow() {
    let mut verifier = one(ED25519);
    verifier.policy.algorithms = Some(Vec::new());
    let token = signed(ED25519, r#"{"alg":"EdDSA"}"#, PAYLOAD);
    assert_eq!(code(&verifier, &token), Code::AlgNotAllowed);
}

/// A key with an odd modulus of so many bits.
fn rsa(bits: usize, e: &str, rest: &str) -> String {
    let mut n = vec![0xff; bits.div_ceil(8)];
    n[0] >>= n.len() * 8 - bits;
    format!(r#"{{"kty":"RSA","n":"{}","e":"{e}"{rest}}}"#, encode(&n))
}

#[test]
fn a_key_allows_the_algorithms_of_its_kind_and_length_alone() {
    let secret = |length| format!(r#"{{"kty":"oct","k":"{}"}}"#, encode(&vec![7; length]));
    let allowed = |json: &str| jwk(json).algorithms().map(Algorithm::name).collect::<Vec<_>>();
    assert_eq!(allowed(&secret(47)), ["HS256"]);
    assert_eq!(allowed(&secret(48)), ["HS256", "HS384"]);
    assert_eq!(allowed(&secret(64)), ["HS256", "HS384", "HS512"]);
    assert_eq!(
        allowed(&rsa(2048, "AQAB", "")),
        ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]
    );
    assert_eq!(allowed(&rsa(2048, "AQAB", r#","alg":"PS384""#)), ["PS384"]);
    // Leading zeros are no part of the number.
    let padded = rsa(2048, "AAEAAQ", "").replace(r#""n":""#, r#""n":"AAAA"#);
    assert_eq!(jwk(&padded).thumbprint_input(), jwk(&rsa(2048, "AQAB", "")).thumbprint_input());
}

#[test]
fn an_rsa_public_key_is_no_hmac_secret() {
    let key = rsa(2048, "AQAB", "");
    for secret in [key.as_bytes(), jwk(&key).public_json().unwrap().as_bytes()] {
        let forger = format!(r#"{{"kty":"oct","k":"{}"}}"#, encode(secret));
        for alg in ["HS256", "HS384", "HS512"] {
            let forger = forger.replacen('{', &format!(r#"{{"alg":"{alg}","#), 1);
            let token = signed(&forger, &format!(r#"{{"alg":"{alg}"}}"#), PAYLOAD);
            assert_eq!(code(&one(&key), &token), Code::AlgNotAllowed, "{alg}");
        }
    }
}

#[test]
fn a_signature_of_one_hash_is_none_of_another() {
    let secret = format!(r#"{{"kty":"oct","k":"{}"}}"#, encode(&[7; 64]));
    for (alg, named) in [("HS256", "HS384"), ("HS384", "HS512"), ("HS512", "HS256")] {
        let key = secret.replacen('{', &format!(r#"{{"alg":"{alg}","#), 1);
        let good = signed(&key, &format!(r#"{{"alg":"{alg}"}}"#), PAYLOAD);
        assert!(verify(&one(&secret), &good, NOW).is_ok());
        let token = signed(&key, &format!(r#"{{"alg":"{named}"}}"#), PAYLOAD);
        assert_eq!(code(&one(&secret), &token), Code::JwsSignatureVerificationFailed);
    }
}

#[test]
fn weak_and_malformed_keys_are_refused() {
    let refused = |json: &str| Jwk::parse(json.as_bytes()).unwrap_err().code;
    let short = encode(&[7; 31]);
    for (json, expected) in [
        (format!(r#"{{"kty":"oct","k":"{short}"}}"#), Code::JwkInvalid),
        (String::from(r#"{"kty":"oct"}"#), Code::JwkInvalid),
        (String::from(r#"{"kty":"oct","k":"QQ=="}"#), Code::JwkInvalid),
        (String::from(r#"{"alg":"ES256"}"#), Code::JwkInvalid),
        (ES256.replace("f83O", "f83"), Code::JwkInvalid),
        (ES256.replacen('{', r#"{"alg":"HS256","#, 1), Code::JwkInvalid),
        (ES256.replacen('{', r#"{"alg":"none","#, 1), Code::NotSupported),
        (ES256.replace("P-256", "P-521"), Code::JwkInvalid),
        (ES256.replace("P-256", "P-257"), Code::NotSupported),
        (HS256.replace("HS256", "HS512").replace("3Yj0iPS4hcg", ""), Code::JwkInvalid),
        (HS256.replace("HS256", "RS256"), Code::JwkInvalid),
        (String::from(r#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#), Code::JwkInvalid),
        (rsa(1024, "AQAB", ""), Code::JwkInvalid),
        (rsa(2047, "AQAB", ""), Code::JwkInvalid),
        (rsa(8200, "AQAB", ""), Code::JwkInvalid),
        (rsa(2048, "AQ", ""), Code::JwkInvalid),
        (rsa(2048, "AQAC", ""), Code::JwkInvalid),
        (rsa(2048, "AQAAAAAB", ""), Code::JwkInvalid),
        (rsa(2048, "AQAB", r#","d":"AQAB""#), Code::JwkInvalid),
        (rsa(2048, "AQAB", r#","alg":"ES256""#), Code::JwkInvalid),
        (String::from(r#"{"kty":"AKP","pub":"AA"}"#), Code::JwkInvalid),
        (String::from(r#"{"kty":"AKP","alg":"ES256","pub":"AA"}"#), Code::JwkInvalid),
        (String::from(r#"{"kty":"AKP","alg":"ML-DSA-44","pub":"AA"}"#), Code::JwkInvalid),
        (String::from(r#"{"kty":"AKP","alg":"ML-DSA-45","pub":"AA"}"#), Code::NotSupported),
        (String::from("[]"), Code::JwkInvalid),
        (
            format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{}"}}"#, encode(&[0; 32])),
            Code::JwkInvalid,
        ),
    ] {
        assert_eq!(refused(&json), expected, "{json}");
    }
    let off_curve = ES256.replace("x_FEz", "x_FEy");
    let token = signed(ES256, r#"{"alg":"ES256"}"#, PAYLOAD);
    assert_eq!(code(&one(&off_curve), &token), Code::JwkInvalid);
    // As the hosts answer, which look at the point only when they verify.
    let no_point = ED25519.replace("11qYAY", "12qYAY");
    let token = signed(ED25519, r#"{"alg":"EdDSA"}"#, PAYLOAD);
    assert_eq!(code(&one(&no_point), &token), Code::JwsSignatureVerificationFailed);
    let stranger = ES256.replace("jpsQ", "kpsQ");
    assert_eq!(Signer::new(&jwk(&stranger)).unwrap_err().code, Code::JwkInvalid);
}

#[test]
fn nothing_printed_holds_a_secret() {
    for json in [ES256, ED25519, HS256] {
        let key = jwk(json);
        let printed = format!("{key:?} {:?}", Signer::new(&key).unwrap());
        assert!(printed.contains("Secret") && !printed.contains("jpsQ"), "{printed}");
        assert_eq!(key.public_json().is_none(), key.signing_algorithm().is_symmetric());
        assert!(key.public_json().is_none_or(|json| !json.contains("\"d\"")));
    }
}

#[test]
#[allow(clippy::disallowed_methods, reason = "a test may watch the clock")]
fn floods_are_answered_in_time_linear_in_their_length() {
    let names: Vec<String> = (0..15_000).map(|n| format!("\"{n}\"")).collect();
    let members = names.join(":0,") + ":0";
    let crit = names.join(",");
    let nested = "[".repeat(150_000);
    let digits = "9".repeat(150_000);
    let since = std::time::Instant::now();
    for json in [
        format!(r#"{{"alg":"ES256",{members}}}"#),
        format!(r#"{{"alg":"ES256",{members},"14999":0}}"#),
        format!(r#"{{"alg":"ES256","crit":[{crit}],{}}}"#, &members[..80_000]),
        format!(r#"{{"alg":"ES256","x":{nested}"#),
        format!(r#"{{"alg":"ES256","x":{digits}}}"#),
        format!(r#"{{"alg":"ES256","x":"{}"}}"#, "\\u0041".repeat(25_000)),
    ] {
        let part = encode(json.as_bytes());
        assert!(refusal(&format!("{part}.{}.AAAA", encode(b"{}"))).is_err());
        assert!(verify(&one(HS256), &signed(HS256, r#"{"alg":"HS256"}"#, &json), NOW).is_err());
    }
    assert!(since.elapsed().as_secs() < 5, "{:?}", since.elapsed());
}

fn refusal(token: &str) -> Result<(), Error> {
    verify(&all(), token, NOW).map(|_| ())
}

proptest! {
    #[test]
    fn any_text_at_all_is_answered(text in ".*") {
        prop_assert!(refusal(&text).is_err());
    }

    #[test]
    fn any_three_parts_are_answered(header: Vec<u8>, payload: Vec<u8>, signature: Vec<u8>) {
        let token = [encode(&header), encode(&payload), encode(&signature)].join(".");
        prop_assert!(refusal(&token).is_err());
    }

    #[test]
    fn any_header_over_any_claims_is_answered(
        alg in "(HS256|ES256|EdDSA|none)",
        kid in proptest::option::of("(ec|ed|hs|x)"),
        payload in "[{}\\[\\]\":,a-z0-9.]{0,40}",
    ) {
        let kid = kid.map(|kid| format!(r#","kid":"{kid}""#)).unwrap_or_default();
        let header = format!(r#"{{"alg":"{alg}"{kid}}}"#);
        prop_assert!(refusal(&signed(HS256, &header, &payload)).is_err());
    }

    #[test]
    fn one_changed_character_is_refused(at in 0_usize..1000, to in "[A-Za-z0-9_.-]", which in 0_usize..3) {
        let (key, header) = [
            (ES256, r#"{"alg":"ES256","kid":"ec"}"#),
            (ED25519, r#"{"alg":"EdDSA","kid":"ed"}"#),
            (HS256, r#"{"alg":"HS256","kid":"hs"}"#),
        ][which];
        let token = signed(key, header, PAYLOAD);
        let at = at % token.len();
        let mutated = [&token[..at], &to, &token[at + 1..]].concat();
        prop_assume!(mutated != token);
        prop_assert!(refusal(&mutated).is_err());
    }
}
