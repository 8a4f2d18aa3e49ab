//! Signatures computed by the host's WebCrypto, found on `globalThis`: in windows, workers, workerd, Node, Deno, Bun.
//!
//! Only the resolved `CryptoKey` is kept, never a promise: in workerd a request must not wait on
//! what another request began.

#[cfg(feature = "issuer")]
use js_sys::Uint8Array;
use js_sys::{Array, JSON, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::core::error::{Code, Error};
use crate::core::token::algorithm::Algorithm;
use crate::core::token::jwk::Jwk;
use crate::shell::error::caused;

#[wasm_bindgen]
extern "C" {
    #[derive(Clone, Debug)]
    type SubtleCrypto;

    #[wasm_bindgen(method, catch, js_name = importKey)]
    fn import_key(
        this: &SubtleCrypto,
        format: &str,
        key: &JsValue,
        algorithm: &JsValue,
        extractable: bool,
        usages: &Array,
    ) -> Result<Promise, JsValue>;

    #[cfg(feature = "issuer")]
    #[wasm_bindgen(method, catch)]
    fn sign(
        this: &SubtleCrypto,
        algorithm: &JsValue,
        key: &JsValue,
        data: &[u8],
    ) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn verify(
        this: &SubtleCrypto,
        algorithm: &JsValue,
        key: &JsValue,
        signature: &[u8],
        data: &[u8],
    ) -> Result<Promise, JsValue>;

    #[cfg(feature = "issuer")]
    #[wasm_bindgen(method, catch, js_name = generateKey)]
    fn generate_key(
        this: &SubtleCrypto,
        algorithm: &JsValue,
        extractable: bool,
        usages: &Array,
    ) -> Result<Promise, JsValue>;

    #[cfg(feature = "issuer")]
    #[wasm_bindgen(method, catch, js_name = exportKey)]
    fn export_key(this: &SubtleCrypto, format: &str, key: &JsValue) -> Result<Promise, JsValue>;
}

/// A key that the host has taken in, for one algorithm and one use.
#[derive(Clone, Debug)]
pub(super) struct Key {
    subtle: SubtleCrypto,
    algorithm: JsValue,
    key: JsValue,
}

impl Key {
    /// Hands a key to the host, to sign with or to verify with.
    pub(super) async fn import(jwk: &Jwk, to_sign: bool) -> Result<Self, JsValue> {
        let subtle = subtle()?;
        let algorithm = parameters(jwk.signing_algorithm());
        // A shared secret is the same on both sides; otherwise verifying takes the public part.
        let private = to_sign || jwk.signing_algorithm().is_symmetric();
        let key = JSON::parse(&jwk.material_json(private)).map_err(refused)?;
        let usages = Array::of1(&if to_sign { "sign" } else { "verify" }.into());
        let importing = subtle.import_key("jwk", &key, &algorithm, false, &usages);
        let key = JsFuture::from(importing.map_err(refused)?).await.map_err(refused)?;
        Ok(Self { subtle, algorithm, key })
    }

    /// Whether the signature is the key's.
    pub(super) async fn verify(&self, input: &[u8], signature: &[u8]) -> Result<bool, JsValue> {
        let answer = self.subtle.verify(&self.algorithm, &self.key, signature, input);
        let answer = JsFuture::from(answer.map_err(failed)?).await.map_err(failed)?;
        Ok(answer.is_truthy())
    }

    /// The signature over `input`.
    #[cfg(feature = "issuer")]
    pub(super) async fn sign(&self, input: &[u8]) -> Result<Vec<u8>, JsValue> {
        let answer = self.subtle.sign(&self.algorithm, &self.key, input);
        let answer = JsFuture::from(answer.map_err(failed)?).await.map_err(failed)?;
        Ok(Uint8Array::new(&answer).to_vec())
    }
}

/// Makes a new private key and gives its material as a JWK in JSON.
#[cfg(feature = "issuer")]
pub(crate) async fn generate(algorithm: Algorithm) -> Result<String, JsValue> {
    let subtle = subtle()?;
    let usages = Array::of2(&"sign".into(), &"verify".into());
    let made = subtle.generate_key(&parameters(algorithm), true, &usages).map_err(failed)?;
    let pair = JsFuture::from(made).await.map_err(failed)?;
    let private = Reflect::get(&pair, &"privateKey".into())?;
    let exported = subtle.export_key("jwk", &private).map_err(failed)?;
    let jwk = JsFuture::from(exported).await.map_err(failed)?;
    Ok(JSON::stringify(&jwk)?.into())
}

fn subtle() -> Result<SubtleCrypto, JsValue> {
    let crypto = Reflect::get(&js_sys::global(), &"crypto".into()).unwrap_or_default();
    let subtle = Reflect::get(&crypto, &"subtle".into()).unwrap_or_default();
    if subtle.is_undefined() {
        let message =
            "there is no crypto.subtle here; browsers have it on https and on localhost only";
        return Err(Error::new(Code::NotSupported, message).into());
    }
    Ok(subtle.unchecked_into())
}

/// What WebCrypto calls the algorithm, to import keys for it and to use them.
fn parameters(algorithm: Algorithm) -> JsValue {
    let json = match algorithm {
        Algorithm::Hs256 => r#"{"name":"HMAC","hash":"SHA-256"}"#,
        Algorithm::Es256 => r#"{"name":"ECDSA","namedCurve":"P-256","hash":"SHA-256"}"#,
        Algorithm::EdDsa | Algorithm::Ed25519 => r#"{"name":"Ed25519"}"#,
    };
    JSON::parse(json).unwrap_or_default()
}

fn refused(cause: JsValue) -> JsValue {
    if is_unsupported(&cause) {
        return failed(cause);
    }
    caused(&Error::new(Code::JwkInvalid, "the host refuses the key as malformed"), &cause)
}

fn failed(cause: JsValue) -> JsValue {
    let message = "the host's WebCrypto cannot compute this algorithm";
    caused(&Error::new(Code::NotSupported, message), &cause)
}

fn is_unsupported(cause: &JsValue) -> bool {
    let name = Reflect::get(cause, &"name".into()).unwrap_or_default();
    name.as_string().is_some_and(|name| name == "NotSupportedError")
}
