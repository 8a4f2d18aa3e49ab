//! The handle behind `createSigner`, and the making of keys.

use std::rc::Rc;

use js_sys::{Array, JSON};
use wasm_bindgen::prelude::*;

use crate::core::error::{Code, Error};
use crate::core::json::Object;
use crate::core::token::algorithm::Algorithm;
use crate::core::token::base64url;
use crate::core::token::draft::{self, Draft};
use crate::core::token::jwk::Jwk;
use crate::core::token::pem::Pem;
use crate::engine::{SigningKey, generate, import};
use crate::shell::host::{Clock, promise};
use crate::shell::options::Options;

/// A century, in seconds: more than any token should live.
const LONGEST_LIFE: f64 = 3_155_760_000.0;

/// A signer; the facade gives it claims and gets tokens.
#[wasm_bindgen]
pub struct Signer {
    inner: Rc<Inner>,
}

struct Inner {
    key: SigningKey,
    header: String,
    draft: Draft,
    clock: Clock,
}

#[wasm_bindgen]
impl Signer {
    /// Reads the options of `createSigner`.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue) -> Result<Self, JsValue> {
        let known = ["key", "kid", "typ", "issuer", "audience", "expiresIn", "now"];
        let options = Options::new(options, &known)?;
        let mut jwk = key(&options)?;
        if let Some(kid) = options.string("kid")? {
            jwk.kid = Some(kid);
        }
        let typ = options.string("typ")?;
        let header = draft::header(&jwk, typ.as_deref().unwrap_or("JWT"));
        let draft = Draft {
            issuer: options.string("issuer")?,
            audience: options.strings("audience")?.unwrap_or_default(),
            expires_in: life(&options)?,
            ..Draft::default()
        };
        let clock = Clock::of(&options)?;
        Ok(Self { inner: Rc::new(Inner { key: SigningKey::new(&jwk)?, header, draft, clock }) })
    }

    /// The token; where the host computes the signature a promise of the token, or, once it has taken the key in, the
    /// signing input and a promise of the signature, which spares a future for each token.
    pub fn sign(&self, claims: &JsValue, per_call: &JsValue) -> Result<JsValue, JsValue> {
        if self.inner.key.is_now() {
            return self.sign_sync(claims, per_call).map(JsValue::from);
        }
        let inner = Rc::clone(&self.inner);
        let input = inner.input(claims, per_call)?;
        if let Some(signature) = inner.key.ask(input.as_bytes())? {
            return Ok(Array::of2(&input.into(), &signature).into());
        }
        let signing = promise(async move {
            let signature = inner.key.sign(input.as_bytes()).await?;
            Ok(draft::token(&input, &signature).into())
        });
        Ok(signing.into())
    }

    /// What the host's promise was rejected with, as an error of ours.
    pub fn failed(&self, cause: &JsValue) -> JsValue {
        crate::engine::failed(cause)
    }

    /// The token at once.
    #[wasm_bindgen(js_name = signSync)]
    pub fn sign_sync(&self, claims: &JsValue, per_call: &JsValue) -> Result<String, JsValue> {
        let input = self.inner.input(claims, per_call)?;
        let signature = self.inner.key.sign_now(input.as_bytes())?;
        Ok(draft::token(&input, &signature))
    }
}

impl Inner {
    fn input(&self, claims: &JsValue, per_call: &JsValue) -> Result<String, JsValue> {
        let options = Options::new(per_call, &["subject", "audience", "expiresIn", "jwtId"])?;
        let mut draft = self.draft.clone();
        draft.subject = options.string("subject")?;
        draft.jwt_id = options.string("jwtId")?;
        if let Some(audience) = options.strings("audience")? {
            draft.audience = audience;
        }
        if let Some(seconds) = life(&options)? {
            draft.expires_in = Some(seconds);
        }
        let json = claims.is_object().then(|| JSON::stringify(claims).ok()).flatten();
        let json = json.and_then(|json| json.as_string()).ok_or(CLAIMS)?;
        let own = Object::parse(json.as_bytes()).ok_or(CLAIMS)?;
        let payload = draft.payload(&own, self.clock.seconds()?);
        Ok(draft::signing_input(&self.header, &payload))
    }
}

const CLAIMS: Error =
    Error::new(Code::JwtInvalid, "claims are given as a plain object of JSON values");

fn key(options: &Options) -> Result<Jwk, Error> {
    let json = options.json("key")?;
    let json = json.ok_or_else(|| options.wrong("key", "a signer needs its key: a private JWK"))?;
    Jwk::parse(json.as_bytes())
}

fn life(options: &Options) -> Result<Option<f64>, Error> {
    options.number("expiresIn", -LONGEST_LIFE, LONGEST_LIFE)
}

/// Promises a new private key as JSON, named by its thumbprint where `kid` is left out.
#[wasm_bindgen(js_name = generateKey)]
pub async fn generate_key(algorithm: String, options: JsValue) -> Result<String, JsValue> {
    let kid = Options::new(&options, &["kid"])?.string("kid")?;
    let unknown = || Error::option("alg", "there is no algorithm of this name here");
    let algorithm = Algorithm::from_name(&algorithm).ok_or_else(unknown)?;
    let mut key = generate(algorithm).await?;
    key.kid = kid.or_else(|| (!algorithm.is_symmetric()).then(|| hash(&key)));
    Ok(key.private_json())
}

/// Promises the key of a PEM text as JSON, named by its thumbprint where `kid` is left out.
#[wasm_bindgen(js_name = importKey)]
pub async fn import_key(
    pem: String,
    algorithm: String,
    options: JsValue,
) -> Result<String, JsValue> {
    let kid = Options::new(&options, &["kid"])?.string("kid")?;
    let unknown = || Error::option("alg", "there is no algorithm of this name here");
    let algorithm = Algorithm::from_name(&algorithm).ok_or_else(unknown)?;
    let mut key = match Pem::parse(&pem, algorithm)? {
        Pem::Public(key) => key,
        Pem::Private(pkcs8) => import(&pkcs8, algorithm).await?,
    };
    key.kid = Some(kid.unwrap_or_else(|| hash(&key)));
    Ok(key.private_json())
}

/// Bytes as a token spells them.
#[wasm_bindgen(js_name = base64url)]
pub fn base64url_of(bytes: &[u8]) -> String {
    base64url::encode(bytes)
}

/// The public part of a key, as JSON.
#[wasm_bindgen(js_name = publicJwk)]
pub fn public_jwk(jwk: &JsValue) -> Result<String, JsValue> {
    let secret = Error::new(Code::JwkInvalid, "a shared secret has no public part");
    Ok(read(jwk)?.public_json().ok_or(secret)?)
}

/// The thumbprint of a key ([RFC 7638]).
///
/// [RFC 7638]: https://www.rfc-editor.org/rfc/rfc7638
#[wasm_bindgen]
pub fn thumbprint(jwk: &JsValue) -> Result<String, JsValue> {
    Ok(hash(&read(jwk)?))
}

fn hash(key: &Jwk) -> String {
    base64url::encode(&hmac_sha256::Hash::hash(key.thumbprint_input().as_bytes()))
}

fn read(jwk: &JsValue) -> Result<Jwk, Error> {
    let invalid = Error::new(Code::JwkInvalid, "a JWK is a plain object");
    let json = jwk.is_object().then(|| JSON::stringify(jwk).ok()).flatten();
    let json = json.and_then(|json| json.as_string()).ok_or(invalid)?;
    Jwk::parse(json.as_bytes())
}
