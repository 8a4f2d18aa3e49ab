//! V1: the published vectors of the algorithms present.

#![cfg(feature = "rust-crypto")]

use evertoken::core::token::compact::UntrustedToken;
use evertoken::core::token::draft::signing_input;
use evertoken::core::token::jwk::Jwk;
use evertoken::core::token::jwks::KeySet;
use evertoken::core::token::policy::Policy;
use evertoken::core::token::verifier::Verifier;
use evertoken::engine::{Signer, verify};

const A1_KEY: &str = r#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#;
const A1: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const A3_KEY: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;
const A3: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
const ED_KEY: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
const ED: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

fn jwk(json: &str) -> Jwk {
    Jwk::parse(json.as_bytes()).unwrap()
}

#[test]
fn rfc_7515_a1_and_a3_verify_and_expire_when_they_say() {
    for (key, token) in [(A1_KEY, A1), (A3_KEY, A3)] {
        let verifier = Verifier::new(KeySet::from(jwk(key)), Policy::default());
        let claims = verify(&verifier, token, 1_300_819_379.0).unwrap();
        assert_eq!(claims.string("iss").as_deref(), Some("joe"));
        assert!(verify(&verifier, token, 1_300_819_380.0 + 5.0).is_err());
    }
}

#[test]
fn rfc_7515_a1_and_rfc_8037_a4_sign_to_the_very_bytes() {
    for (key, token) in [(A1_KEY, A1), (ED_KEY, ED)] {
        let parts = UntrustedToken::parse(token).unwrap();
        let payload = std::str::from_utf8(parts.payload()).unwrap();
        assert_eq!(signing_input(parts.header_json(), payload), parts.signing_input());
        assert_eq!(Signer::new(&jwk(key)).unwrap().sign(parts.header_json(), payload), token);
    }
}

#[test]
fn rfc_8037_a4_verifies_though_its_payload_is_no_json() {
    let verifier = Verifier::new(KeySet::from(jwk(ED_KEY)), Policy::default());
    let error = verify(&verifier, ED, 0.0).unwrap_err();
    assert_eq!(
        error.code.as_str(),
        "ERR_JWT_INVALID",
        "the signature is good, the claims are none"
    );
}

#[test]
fn rfc_8037_a3_thumbprint_hashes_these_bytes() {
    assert_eq!(
        jwk(ED_KEY).thumbprint_input(),
        r#"{"crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#
    );
}
