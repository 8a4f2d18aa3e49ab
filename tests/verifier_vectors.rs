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

const A1_KEY: &str = r#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#;
const A1: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const A2_KEY: &str = r#"{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}"#;
const A2: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
const A3_KEY: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;
const A3: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
const ED_KEY: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
const ED: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

const RFC_7520: &str = include_str!("vectors/rfc_7520.json");
const RFC_9964: &str = include_str!("vectors/rfc_9964.json");

fn jwk(json: &str) -> Jwk {
    Jwk::parse(json.as_bytes()).unwrap()
}

#[test]
fn rfc_7515_a1_to_a3_verify_and_expire_when_they_say() {
    for (key, token) in [(A1_KEY, A1), (A2_KEY, A2), (A3_KEY, A3)] {
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
        assert_eq!(
            Signer::new(&jwk(key)).unwrap().sign(parts.header_json(), payload).unwrap(),
            token
        );
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
fn rfc_7520_section_4_and_rfc_9964_verify_though_their_payload_is_no_json() {
    for (key, token) in [vectors(RFC_7520), vectors(RFC_9964)].concat() {
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
    let key = jwk(&A2_KEY.replacen('{', r#"{"kid":"2011-04-29","alg":"RS256","use":"sig","#, 1));
    assert!(key.thumbprint_input().starts_with(r#"{"e":"AQAB","kty":"RSA","n":"ofgW"#));
}
