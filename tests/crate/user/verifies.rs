//! What somebody does who added the crate: signs, verifies, and reads without trusting.

use evertoken::core::error::Code;
use evertoken::core::token::claims::{decode, expires_in, parse};
use evertoken::core::token::jwk::Jwk;
use evertoken::core::token::jwks::KeySet;
use evertoken::core::token::policy::Policy;
use evertoken::core::token::verifier::Verifier;
use evertoken::engine::{Signer, verify};

const NOW: f64 = 1_800_000_000.0;

/// RFC 7515, appendix A.3.
const PRIVATE: &[u8] = br#"{"kty":"EC","crv":"P-256","kid":"a3","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;

fn token(lifetime: f64) -> String {
    let claims = format!(r#"{{"iss":"us","sub":"ada","exp":{}}}"#, NOW + lifetime);
    Signer::new(&Jwk::parse(PRIVATE).unwrap())
        .unwrap()
        .sign(r#"{"alg":"ES256","kid":"a3"}"#, &claims)
        .unwrap()
}

fn verifier(issuer: &str) -> Verifier {
    let mut policy = Policy::default();
    policy.issuer.push(String::from(issuer));
    Verifier::new(KeySet::from(Jwk::parse(PRIVATE).unwrap()), policy)
}

#[test]
fn a_token_is_signed_and_verified() {
    let claims = verify(&verifier("us"), &token(300.0), NOW).unwrap();
    assert_eq!(claims.string("sub").as_deref(), Some("ada"));
}

#[test]
fn what_is_wrong_is_refused_with_its_code() {
    let code = |issuer, token: &str| verify(&verifier(issuer), token, NOW).unwrap_err().code;
    assert_eq!(code("us", &token(-300.0)), Code::JwtExpired);
    assert_eq!(code("them", &token(300.0)), Code::JwtClaimValidationFailed);
    let genuine = token(300.0);
    let (signed, _) = genuine.rsplit_once('.').unwrap();
    let other = token(301.0);
    let (_, signature) = other.rsplit_once('.').unwrap();
    assert_eq!(code("us", &[signed, signature].join(".")), Code::JwsSignatureVerificationFailed);
}

#[test]
fn a_token_is_read_without_trusting_it() {
    let token = token(300.0);
    let read = decode(&token).unwrap();
    assert_eq!(parse(read.payload()).unwrap().string("iss"), Some("us"));
    assert_eq!(expires_in(&token, NOW), Ok(Some(300.0)));
}
