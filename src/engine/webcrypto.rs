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
#[cfg(feature = "issuer")]
use crate::core::secret::Secret;
use crate::core::token::algorithm::Algorithm;
#[cfg(not(feature = "rust-crypto"))]
use crate::core::token::at_hash::Hash;
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

    #[cfg(not(feature = "rust-crypto"))]
    #[wasm_bindgen(method, catch)]
    fn digest(this: &SubtleCrypto, algorithm: &JsValue, data: &[u8]) -> Result<Promise, JsValue>;

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
    pub(super) async fn import(
        jwk: &Jwk,
        algorithm: Algorithm,
        to_sign: bool,
    ) -> Result<Self, JsValue> {
        let key = Self::import_part(jwk, algorithm, to_sign).await?;
        // Node does not look whether an RSA key's parts belong together, nor workerd an Ed25519 key's.
        #[cfg(feature = "issuer")]
        if to_sign && !algorithm.is_symmetric() {
            let public = Self::import_part(jwk, algorithm, false).await?;
            let signature = signature(key.sign(&[])?).await.map_err(|_| NOT_A_PAIR)?;
            let answer = JsFuture::from(public.verify(&[], &signature)?).await;
            if answer.map_err(|cause| failed(&cause))?.is_falsy() {
                return Err(NOT_A_PAIR.into());
            }
        }
        Ok(key)
    }

    async fn import_part(jwk: &Jwk, algorithm: Algorithm, to_sign: bool) -> Result<Self, JsValue> {
        let subtle = subtle()?;
        // A shared secret is the same on both sides; otherwise verifying takes the public part.
        let private = to_sign || algorithm.is_symmetric();
        // WebKit calls the curve of ES256K a malformed key, where others say that they lack it.
        let refused = |cause| match algorithm {
            Algorithm::Es256K => failed(&cause),
            _ => refused(&cause),
        };
        let algorithm = parameters(algorithm);
        let key = JSON::parse(&jwk.material_json(private)).map_err(refused)?;
        let usages = Array::of1(&if to_sign { "sign" } else { "verify" }.into());
        let importing = subtle.import_key("jwk", &key, &algorithm, false, &usages);
        let key = JsFuture::from(importing.map_err(refused)?).await.map_err(refused)?;
        Ok(Self { subtle, algorithm, key })
    }

    /// Promises whether the signature is the key's; the host copies both before it returns.
    pub(super) fn verify(&self, input: &[u8], signature: &[u8]) -> Result<Promise, JsValue> {
        let answer = self.subtle.verify(&self.algorithm, &self.key, signature, input);
        answer.map_err(|cause| failed(&cause))
    }

    /// Promises the signature over `input`, which the host copies before it returns.
    #[cfg(feature = "issuer")]
    pub(super) fn sign(&self, input: &[u8]) -> Result<Promise, JsValue> {
        let answer = self.subtle.sign(&self.algorithm, &self.key, input);
        answer.map_err(|cause| failed(&cause))
    }
}

/// The bytes of a signature that the host promised.
#[cfg(feature = "issuer")]
pub(super) async fn signature(promised: Promise) -> Result<Vec<u8>, JsValue> {
    let answer = JsFuture::from(promised).await.map_err(|cause| failed(&cause))?;
    Ok(Uint8Array::new(&answer).to_vec())
}

/// Makes a new private key and gives its material as a JWK in JSON.
#[cfg(feature = "issuer")]
pub(super) async fn generate(algorithm: Algorithm) -> Result<String, JsValue> {
    let subtle = subtle()?;
    let usages = Array::of2(&"sign".into(), &"verify".into());
    let parameters = parameters(algorithm);
    // For RSA alone, and bytes, which JSON has none of.
    Reflect::set(&parameters, &"publicExponent".into(), &Uint8Array::from(&[1, 0, 1][..]))?;
    let mut more = 2;
    let pair = loop {
        let made = subtle.generate_key(&parameters, true, &usages);
        match JsFuture::from(made.map_err(|cause| failed(&cause))?).await {
            // WebKitGTK fails at one Ed25519 key in about 130, and makes the next.
            Err(cause) if more > 0 && is_named(&cause, "OperationError") => more -= 1,
            pair => break pair.map_err(|cause| failed(&cause))?,
        }
    };
    let private = Reflect::get(&pair, &"privateKey".into())?;
    exported(&subtle, &private).await
}

/// Takes in a private key in PKCS#8 and gives its material as a JWK in JSON.
#[cfg(feature = "issuer")]
pub(super) async fn import_pkcs8(pkcs8: &Secret, algorithm: Algorithm) -> Result<String, JsValue> {
    let subtle = subtle()?;
    let usages = Array::of1(&"sign".into());
    let bytes = Uint8Array::from(pkcs8.expose());
    let importing = subtle.import_key("pkcs8", &bytes, &parameters(algorithm), true, &usages);
    let key = JsFuture::from(importing.map_err(|cause| refused(&cause))?)
        .await
        .map_err(|cause| refused(&cause))?;
    exported(&subtle, &key).await
}

#[cfg(feature = "issuer")]
async fn exported(subtle: &SubtleCrypto, key: &JsValue) -> Result<String, JsValue> {
    let jwk = JsFuture::from(subtle.export_key("jwk", key).map_err(|cause| failed(&cause))?).await;
    let jwk = jwk.map_err(|cause| failed(&cause))?;
    Ok(JSON::stringify(&jwk)?.into())
}

/// Promises the digest of `bytes` in an `ArrayBuffer`.
#[cfg(not(feature = "rust-crypto"))]
pub(super) fn digest(hash: Hash, bytes: &[u8]) -> Result<Promise, JsValue> {
    let name = match hash {
        Hash::Sha256 => r#""SHA-256""#,
        Hash::Sha384 => r#""SHA-384""#,
        Hash::Sha512 => r#""SHA-512""#,
        // Without a customisation it is SHAKE256; hosts that had it first call its length so.
        Hash::Shake256 => r#"{"name":"cSHAKE256","outputLength":512,"length":512}"#,
    };
    let name = JSON::parse(name).unwrap_or_default();
    subtle()?.digest(&name, bytes).map_err(|cause| failed(&cause))
}

fn subtle() -> Result<SubtleCrypto, JsValue> {
    let crypto = Reflect::get(&js_sys::global(), &"crypto".into()).unwrap_or_default();
    let subtle = Reflect::get(&crypto, &"subtle".into()).unwrap_or_default();
    if subtle.is_undefined() {
        let message = if cfg!(feature = "rust-crypto") {
            "there is no crypto.subtle here; browsers have it on https and on localhost only"
        } else {
            "there is no crypto.subtle here, which browsers have on https and localhost alone; give createVerifier the option fallback: () => import(\"evertoken/edge\")"
        };
        return Err(Error::new(Code::NotSupported, message).into());
    }
    Ok(subtle.unchecked_into())
}

/// What WebCrypto calls the algorithm, to make and import keys for it and to use them.
fn parameters(algorithm: Algorithm) -> JsValue {
    let json = match algorithm {
        Algorithm::Hs256 => r#"{"name":"HMAC","hash":"SHA-256"}"#,
        Algorithm::Hs384 => r#"{"name":"HMAC","hash":"SHA-384"}"#,
        Algorithm::Hs512 => r#"{"name":"HMAC","hash":"SHA-512"}"#,
        Algorithm::Rs256 => r#"{"name":"RSASSA-PKCS1-v1_5","hash":"SHA-256","modulusLength":2048}"#,
        Algorithm::Rs384 => r#"{"name":"RSASSA-PKCS1-v1_5","hash":"SHA-384","modulusLength":2048}"#,
        Algorithm::Rs512 => r#"{"name":"RSASSA-PKCS1-v1_5","hash":"SHA-512","modulusLength":2048}"#,
        Algorithm::Ps256 => {
            r#"{"name":"RSA-PSS","hash":"SHA-256","saltLength":32,"modulusLength":2048}"#
        }
        Algorithm::Ps384 => {
            r#"{"name":"RSA-PSS","hash":"SHA-384","saltLength":48,"modulusLength":2048}"#
        }
        Algorithm::Ps512 => {
            r#"{"name":"RSA-PSS","hash":"SHA-512","saltLength":64,"modulusLength":2048}"#
        }
        Algorithm::Es256 => r#"{"name":"ECDSA","namedCurve":"P-256","hash":"SHA-256"}"#,
        Algorithm::Es384 => r#"{"name":"ECDSA","namedCurve":"P-384","hash":"SHA-384"}"#,
        Algorithm::Es512 => r#"{"name":"ECDSA","namedCurve":"P-521","hash":"SHA-512"}"#,
        Algorithm::Es256K => r#"{"name":"ECDSA","namedCurve":"secp256k1","hash":"SHA-256"}"#,
        Algorithm::EdDsa | Algorithm::Ed25519 => r#"{"name":"Ed25519"}"#,
        Algorithm::MlDsa44 => r#"{"name":"ML-DSA-44"}"#,
        Algorithm::MlDsa65 => r#"{"name":"ML-DSA-65"}"#,
        Algorithm::MlDsa87 => r#"{"name":"ML-DSA-87"}"#,
    };
    JSON::parse(json).unwrap_or_default()
}

#[cfg(feature = "issuer")]
const NOT_A_PAIR: Error =
    Error::new(Code::JwkInvalid, "the private part of the key is not that of its public part");

fn refused(cause: &JsValue) -> JsValue {
    if is_named(cause, "NotSupportedError") {
        return failed(cause);
    }
    caused(&Error::new(Code::JwkInvalid, "the host refuses the key as malformed"), cause)
}

/// That the host has refused to compute.
pub(crate) fn failed(cause: &JsValue) -> JsValue {
    let message = if cfg!(feature = "rust-crypto") {
        "neither the host's WebCrypto nor evertoken can compute this algorithm here"
    } else {
        "the host's WebCrypto cannot compute this algorithm; give createVerifier the option fallback: () => import(\"evertoken/edge\")"
    };
    caused(&Error::new(Code::NotSupported, message), cause)
}

#[cfg(feature = "rust-crypto")]
/// Whether the error says that the host lacks the algorithm, or WebCrypto altogether.
pub(super) fn is_missing(error: &JsValue) -> bool {
    text(error, "code").is_some_and(|code| code == Code::NotSupported.as_str())
}

fn is_named(cause: &JsValue, name: &str) -> bool {
    text(cause, "name").is_some_and(|own| own == name)
}

fn text(error: &JsValue, name: &str) -> Option<String> {
    Reflect::get(error, &name.into()).unwrap_or_default().as_string()
}
