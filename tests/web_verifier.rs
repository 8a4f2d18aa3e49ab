//! The verifier's shell over the host's own WebCrypto, in real browsers: V1, V2, V3 where the engine matters.

#![cfg(all(target_arch = "wasm32", feature = "wasm", feature = "verifier"))]

use evertoken::shell::decode::{decode, expires_in};
use evertoken::shell::verifier::Verifier;
use js_sys::{Array, Function, JSON, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const A1_KEY: &str = r#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#;
const A1: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const A3_KEY: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
const A3: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
const ED_KEY: &str =
    r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
const ED: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
/// The last second in which the tokens of RFC 7515 are alive.
const ALIVE: &str = "1300819379999";

fn options(keys: &str, rest: &str, now: &str) -> JsValue {
    at(&format!(r#"{{"keys":{keys}{rest}}}"#), now)
}

fn at(json: &str, now: &str) -> JsValue {
    let options = JSON::parse(json).unwrap();
    let now = Function::new_no_args(&format!("return {now}"));
    Reflect::set(&options, &"now".into(), &now).unwrap();
    options
}

fn verifier(keys: &str) -> Verifier {
    Verifier::new(&options(keys, r#","clockTolerance":0"#, ALIVE)).unwrap()
}

fn text_of(value: &JsValue, name: &str) -> String {
    Reflect::get(value, &name.into()).unwrap().as_string().unwrap_or_default()
}

/// What the facade does with what the handle gives.
async fn settled(step: Result<JsValue, JsValue>) -> Result<JsValue, JsValue> {
    let begun = JsFuture::from(Promise::resolve(&step?)).await?;
    let answer = Reflect::get(&begun, &"answer".into()).unwrap_or_default();
    if answer.is_undefined() {
        return Ok(begun);
    }
    let valid = JsFuture::from(answer.unchecked_into::<Promise>()).await?;
    let finish: Function = Reflect::get(&begun, &"finish".into())?.unchecked_into();
    finish.call1(&begun, &valid)
}

async fn verify(verifier: &Verifier, token: &str) -> Result<String, String> {
    let answer = settled(verifier.verify(token, &JsValue::UNDEFINED)).await;
    answer.map(|texts| texts.as_string().unwrap()).map_err(|error| text_of(&error, "code"))
}

#[wasm_bindgen_test]
async fn rfc_7515_a1_and_a3_verify_with_the_hosts_crypto() {
    for (keys, token) in [(A1_KEY, A1), (A3_KEY, A3)] {
        let texts = verify(&verifier(keys), token).await.unwrap();
        let claims = JSON::parse(texts.split('\0').nth(1).unwrap()).unwrap();
        assert_eq!(text_of(&claims, "iss"), "joe");
        let late =
            Verifier::new(&options(keys, r#","clockTolerance":0"#, "1300819380000")).unwrap();
        assert_eq!(verify(&late, token).await, Err("ERR_JWT_EXPIRED".into()));
    }
}

#[wasm_bindgen_test]
async fn rfc_8037_a4_verifies_with_the_hosts_crypto() {
    let answer = settled(verifier(ED_KEY).verify_signature(ED)).await.unwrap();
    let parts: Array = answer.unchecked_into();
    assert_eq!(parts.get(0).as_string().unwrap(), r#"{"alg":"EdDSA"}"#);
    let payload = parts.get(1).unchecked_into::<Uint8Array>().to_vec();
    assert_eq!(payload, b"Example of Ed25519 signing");
    let changed = ED.replace(".RXhh", ".RXhi");
    let error = settled(verifier(ED_KEY).verify_signature(&changed)).await.unwrap_err();
    assert_eq!(text_of(&error, "code"), "ERR_JWS_SIGNATURE_VERIFICATION_FAILED");
}

#[wasm_bindgen_test]
async fn v2_attacks_are_refused_each_with_its_code() {
    let set = format!(r#"{{"keys":[{A3_KEY},{ED_KEY}]}}"#);
    let payload = A3.split('.').nth(1).unwrap();
    let signature = A3.split('.').nth(2).unwrap();
    let (none, none_in_capitals) = ("eyJhbGciOiJub25lIn0", "eyJhbGciOiJOT05FIn0");
    let (twice, embedded) =
        ("eyJhbGciOiJFUzI1NiIsImFsZyI6IkVTMjU2In0", "eyJhbGciOiJFUzI1NiIsImp3ayI6e319");
    let (critical, hmac) =
        ("eyJhbGciOiJFUzI1NiIsImNyaXQiOlsieCJdLCJ4IjoxfQ", "eyJhbGciOiJIUzI1NiJ9");
    for (token, code) in [
        (format!("{none}.{payload}."), "ERR_JOSE_ALG_NOT_ALLOWED"),
        (format!("{none_in_capitals}.{payload}."), "ERR_JOSE_ALG_NOT_ALLOWED"),
        (format!("{hmac}.{payload}.{signature}"), "ERR_JOSE_ALG_NOT_ALLOWED"),
        (format!("{twice}.{payload}.{signature}"), "ERR_JWS_INVALID"),
        (format!("{critical}.{payload}.{signature}"), "ERR_JOSE_NOT_SUPPORTED"),
        (format!("{embedded}.{payload}.{signature}"), "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"),
        (format!("{A3}.{signature}"), "ERR_JWS_INVALID"),
        (format!("{A3}="), "ERR_JWS_INVALID"),
        (A3.replace(".Dt", ".Du"), "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"),
        (A3[..A3.len() - 2].to_owned(), "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"),
        (String::new(), "ERR_JWS_INVALID"),
    ] {
        assert_eq!(verify(&verifier(&set), &token).await, Err(code.into()), "{token}");
    }
    assert!(verify(&verifier(&set), A3).await.is_ok());
}

#[wasm_bindgen_test]
async fn many_verifications_at_once_agree() {
    let verifier = verifier(A3_KEY);
    verify(&verifier, A3).await.unwrap();
    // All are begun before the first answer is awaited.
    let begun: Vec<_> = (0..50).map(|_| verifier.verify(A3, &JsValue::UNDEFINED)).collect();
    let mut answers = Vec::new();
    for step in begun {
        answers.push(settled(step).await.unwrap().as_string().unwrap());
    }
    let first = answers.first().unwrap();
    assert!(answers.iter().all(|answer| answer == first));
}

#[wasm_bindgen_test]
fn wrong_options_are_named() {
    for (rest, option) in [
        (r#","clockTolerence":5"#, "clockTolerence"),
        (r#","clockTolerance":"5""#, "clockTolerance"),
        (r#","issuer":[]"#, "issuer"),
        (r#","algorithms":["none"]"#, "algorithms"),
    ] {
        let error = Verifier::new(&options(A3_KEY, rest, ALIVE)).err().unwrap();
        assert_eq!(
            (text_of(&error, "code"), text_of(&error, "option")),
            ("ERR_OPTIONS".into(), option.into())
        );
    }
}

#[wasm_bindgen_test]
async fn a_key_off_its_curve_is_refused() {
    let keys = A3_KEY.replace("x_FEz", "x_FEy");
    let error = verify(&verifier(&keys), A3).await.unwrap_err();
    // WebKitGTK takes such a key, which then fits no signature.
    let codes = ["ERR_JWK_INVALID", "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"];
    assert!(codes.contains(&&*error), "{error}");
}

#[wasm_bindgen_test]
fn decoding_needs_no_key() {
    let decoded = JSON::parse(&decode(A3).unwrap()).unwrap();
    assert_eq!(text_of(&Reflect::get(&decoded, &"header".into()).unwrap(), "alg"), "ES256");
    let now = at("{}", "1300819379500");
    assert_eq!(expires_in(A3, &now).unwrap(), Some(0.5));
}

#[cfg(feature = "issuer")]
#[wasm_bindgen_test]
async fn what_a_generated_key_signs_verifies() {
    use evertoken::edge::signer::{Signer, generate_key, public_jwk};
    for alg in ["HS256", "ES256", "EdDSA", "Ed25519"] {
        let key = generate_key(alg.into(), JsValue::UNDEFINED).await.unwrap();
        let signing =
            JSON::parse(&format!(r#"{{"key":{key},"expiresIn":60,"issuer":"i"}}"#)).unwrap();
        let signer = Signer::new(&signing).unwrap();
        let claims = JSON::parse(r#"{"sub":"me"}"#).unwrap();
        let token = settled(signer.sign(&claims, &JsValue::UNDEFINED)).await.unwrap();
        let keys = public_jwk(&JSON::parse(&key).unwrap()).unwrap_or(key);
        let verifying = options(&keys, r#","issuer":"i","clockTolerance":0"#, "Date.now()");
        let verifier = Verifier::new(&verifying).unwrap();
        let json = verify(&verifier, &token.as_string().unwrap()).await.unwrap();
        assert!(json.contains(r#""sub":"me""#), "{alg}: {json}");
    }
}

#[cfg(feature = "rust-crypto")]
#[wasm_bindgen_test]
fn verify_sync_answers_at_once() {
    for (keys, token) in [(A1_KEY, A1), (A3_KEY, A3)] {
        assert!(verifier(keys).verify_sync(token, &JsValue::UNDEFINED).is_ok());
    }
}

#[cfg(not(feature = "rust-crypto"))]
#[wasm_bindgen_test]
fn verify_sync_says_that_it_takes_a_promise() {
    let error = verifier(A3_KEY).verify_sync(A3, &JsValue::UNDEFINED).unwrap_err();
    assert_eq!(text_of(&error, "code"), "ERR_SYNC_UNAVAILABLE");
}
