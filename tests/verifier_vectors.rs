//! V1: the published vectors of the algorithms present.

#![cfg(feature = "rust-crypto")]

use evertoken::core::json::{Object, Value};
use evertoken::core::token::algorithm::Algorithm;
use evertoken::core::token::base64url::encode;
use evertoken::core::token::compact::UntrustedToken;
use evertoken::core::token::draft::signing_input;
use evertoken::core::token::jwk::Jwk;
use evertoken::core::token::jwks::KeySet;
use evertoken::core::token::policy::Policy;
use evertoken::core::token::verifier::Verifier;
use evertoken::engine::{Signer, verify};

const RFC_7515: &str = include_str!("vectors/rfc_7515.json");
const RFC_7520: &str = include_str!("vectors/rfc_7520.json");
const RFC_8037: &str = include_str!("vectors/rfc_8037.json");
const RFC_9964: &str = include_str!("vectors/rfc_9964.json");

#[test]
fn rfc_7515_a1_to_a3_verify_and_expire_when_they_say() {
    for (key, token) in vectors(RFC_7515).into_iter().take(3) {
        let verifier = Verifier::new(KeySet::from(key), Policy::default());
        let claims = verify(&verifier, &token, 1_300_819_379.0).unwrap();
        assert_eq!(claims.string("iss").as_deref(), Some("joe"));
        assert!(verify(&verifier, &token, 1_300_819_380.0 + 5.0).is_err());
    }
}

#[test]
fn rfc_7515_a1_and_rfc_8037_a4_sign_to_the_very_bytes() {
    let hmac = vectors(RFC_7515).swap_remove(0);
    for (key, token) in [hmac, vectors(RFC_8037).swap_remove(0)] {
        let parts = UntrustedToken::parse(&token).unwrap();
        let payload = std::str::from_utf8(parts.payload()).unwrap();
        assert_eq!(signing_input(parts.header_json(), payload), parts.signing_input());
        assert_eq!(Signer::new(&key).unwrap().sign(parts.header_json(), payload).unwrap(), token);
    }
}

#[test]
fn rfc_8037_a3_thumbprint_hashes_these_bytes() {
    assert_eq!(
        vectors(RFC_8037)[0].0.thumbprint_input(),
        r#"{"crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#
    );
}

/// The keys and the tokens of a file of vectors, in pairs.
fn vectors(file: &str) -> Vec<(Jwk, String)> {
    let file = Object::parse(file.as_bytes()).unwrap();
    let list = |name| file.get(name).and_then(Value::as_array).unwrap();
    let keys = list("keys").iter().map(|key| Jwk::from_object(key.as_object().unwrap()).unwrap());
    keys.zip(list("tokens").iter().map(|token| token.as_str().unwrap().to_owned())).collect()
}

/// The code of the refusal of a token whose payload is no claims set.
fn refusal(key: &Jwk, token: &str) -> &'static str {
    let verifier = Verifier::new(KeySet::from(key.clone()), Policy::default());
    verify(&verifier, token, 0.0).map(|_| ()).unwrap_err().code.as_str()
}

#[test]
fn what_is_no_json_verifies_and_is_no_claims_set() {
    let es512 = vectors(RFC_7515).split_off(3);
    for (key, token) in [es512, vectors(RFC_7520), vectors(RFC_8037), vectors(RFC_9964)].concat() {
        let (input, _) = token.rsplit_once('.').unwrap();
        let (good, bad) = match key.signing_algorithm() {
            Algorithm::Es512 => ("ERR_JOSE_NOT_SUPPORTED", "ERR_JOSE_NOT_SUPPORTED"),
            _ => ("ERR_JWT_INVALID", "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"),
        };
        assert_eq!(refusal(&key, &token), good, "{token}");
        assert_eq!(refusal(&key, &format!("{input}.AAAA")), bad, "{token}");
    }
}

#[test]
fn rfc_9964_thumbprints_are_the_names_of_its_keys_and_its_seeds_sign() {
    for (key, _) in vectors(RFC_9964) {
        let hash = hmac_sha256::Hash::hash(key.thumbprint_input().as_bytes());
        assert_eq!(key.kid, Some(encode(&hash)));
        let header = format!(r#"{{"alg":"{}"}}"#, key.signing_algorithm().name());
        let token = Signer::new(&key).unwrap().sign(&header, r#"{"exp":5}"#).unwrap();
        let verifier = Verifier::new(KeySet::from(key), Policy::default());
        assert!(verify(&verifier, &token, 4.0).is_ok());
    }
}

#[test]
fn rfc_7638_section_3_thumbprint_is_of_the_required_members_alone() {
    let rsa = RFC_7515.lines().nth(2).unwrap().trim_end_matches(',');
    let named = rsa.replacen('{', r#"{"kid":"2011-04-29","alg":"RS256","use":"sig","#, 1);
    let key = Jwk::parse(named.as_bytes()).unwrap();
    assert!(key.thumbprint_input().starts_with(r#"{"e":"AQAB","kty":"RSA","n":"ofgW"#));
}
