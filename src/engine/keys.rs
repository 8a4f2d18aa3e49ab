//! Keys with the engine that suits them: HMAC in Rust where it is there, the rest on the host.

#[cfg(feature = "rust-crypto")]
use std::cell::OnceCell;
use std::cell::RefCell;

use wasm_bindgen::JsValue;

use super::webcrypto;
use crate::core::error::{Code, Error};
use crate::core::secret::Secret;
use crate::core::token::jwk::Jwk;

#[cfg(feature = "rust-crypto")]
use super::jwt_simple as rust;

/// A key that verifies.
#[derive(Debug)]
pub(crate) struct VerifyingKey {
    jwk: Jwk,
    host: Imported,
    #[cfg(feature = "rust-crypto")]
    rust: OnceCell<rust::VerifyingKey>,
}

impl VerifyingKey {
    /// Takes a public key or a shared secret, which is looked at when it is first used.
    pub(crate) fn new(jwk: &Jwk) -> Self {
        Self {
            jwk: jwk.clone(),
            host: Imported::default(),
            #[cfg(feature = "rust-crypto")]
            rust: OnceCell::new(),
        }
    }

    /// Whether `verify_now` is also the faster of the two.
    pub(crate) fn prefers_now(&self) -> bool {
        cfg!(feature = "rust-crypto") && self.jwk.signing_algorithm().is_symmetric()
    }

    /// Whether the signature is the key's, without a promise.
    #[cfg(feature = "rust-crypto")]
    pub(crate) fn verify_now(&self, input: &[u8], signature: &[u8]) -> Result<bool, Error> {
        if let Some(key) = self.rust.get() {
            return Ok(key.verify(input, signature));
        }
        let key = rust::VerifyingKey::new(&self.jwk)?;
        Ok(self.rust.get_or_init(|| key).verify(input, signature))
    }

    /// Whether the signature is the key's, without a promise.
    #[cfg(not(feature = "rust-crypto"))]
    pub(crate) fn verify_now(&self, _: &[u8], _: &[u8]) -> Result<bool, Error> {
        Err(NO_PROMISE)
    }

    /// Whether the signature is the key's.
    pub(crate) async fn verify(&self, input: &[u8], signature: &[u8]) -> Result<bool, JsValue> {
        if self.prefers_now() {
            return Ok(self.verify_now(input, signature)?);
        }
        self.host.key(&self.jwk, false).await?.verify(input, signature).await
    }
}

/// A key that signs.
#[cfg(feature = "issuer")]
#[derive(Debug)]
pub(crate) struct SigningKey {
    jwk: Jwk,
    host: Imported,
    #[cfg(feature = "rust-crypto")]
    rust: OnceCell<rust::SigningKey>,
}

#[cfg(feature = "issuer")]
impl SigningKey {
    /// Takes a private key or a shared secret, which is looked at when it is first used.
    pub(crate) fn new(jwk: &Jwk) -> Result<Self, Error> {
        if !jwk.is_private() || !jwk.signs {
            return Err(Error::new(Code::JwkInvalid, "signing takes a private key that may sign"));
        }
        Ok(Self {
            jwk: jwk.clone(),
            host: Imported::default(),
            #[cfg(feature = "rust-crypto")]
            rust: OnceCell::new(),
        })
    }

    /// The key that signs.
    pub(crate) const fn jwk(&self) -> &Jwk {
        &self.jwk
    }

    /// The signature over `input`, without a promise.
    #[cfg(feature = "rust-crypto")]
    pub(crate) fn sign_now(&self, input: &[u8]) -> Result<Vec<u8>, Error> {
        if let Some(key) = self.rust.get() {
            return Ok(key.sign(input));
        }
        let key = rust::SigningKey::new(&self.jwk)?;
        Ok(self.rust.get_or_init(|| key).sign(input))
    }

    /// The signature over `input`, without a promise.
    #[cfg(not(feature = "rust-crypto"))]
    pub(crate) fn sign_now(&self, _: &[u8]) -> Result<Vec<u8>, Error> {
        Err(NO_PROMISE)
    }

    /// The signature over `input`.
    pub(crate) async fn sign(&self, input: &[u8]) -> Result<Vec<u8>, JsValue> {
        if cfg!(feature = "rust-crypto") && self.jwk.signing_algorithm().is_symmetric() {
            return Ok(self.sign_now(input)?);
        }
        self.host.key(&self.jwk, true).await?.sign(input).await
    }
}

#[cfg(not(feature = "rust-crypto"))]
const NO_PROMISE: Error = Error::new(
    Code::SyncUnavailable,
    "signatures are computed by the host here, which takes a promise; use evertoken/edge or await",
);

/// A key on the host's side, once the host has taken it in.
#[derive(Debug, Default)]
struct Imported(RefCell<Option<webcrypto::Key>>);

thread_local! {
    // Issuers and verifiers may be made for every request; the host takes each key in once per isolate.
    static HELD: RefCell<Vec<(Secret, webcrypto::Key)>> = const { RefCell::new(Vec::new()) };
}

/// How many keys an isolate keeps at hand.
const MOST_HELD: usize = 32;

impl Imported {
    async fn key(&self, jwk: &Jwk, to_sign: bool) -> Result<webcrypto::Key, JsValue> {
        let known = self.0.borrow().clone();
        if let Some(key) = known {
            return Ok(key);
        }
        let name = name(jwk, to_sign);
        let named = |(other, key): &(Secret, webcrypto::Key)| (*other == name).then(|| key.clone());
        let held = HELD.with_borrow(|held| held.iter().find_map(named));
        let key = match held {
            Some(key) => key,
            None => webcrypto::Key::import(jwk, to_sign).await.inspect(|key| hold(name, key))?,
        };
        self.0.replace(Some(key.clone()));
        Ok(key)
    }
}

/// What tells a key on the host's side from all others: it may hold the key's private part.
fn name(jwk: &Jwk, to_sign: bool) -> Secret {
    let algorithm = jwk.signing_algorithm();
    let mut name = jwk.material_json(to_sign || algorithm.is_symmetric());
    name.push_str(algorithm.name());
    name.push_str(if to_sign { " signs" } else { " verifies" });
    Secret::new(name.into_bytes())
}

fn hold(name: Secret, key: &webcrypto::Key) {
    HELD.with_borrow_mut(|held| {
        if held.len() == MOST_HELD {
            held.remove(0);
        }
        held.push((name, key.clone()));
    });
}
