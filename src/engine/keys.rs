//! Keys with the engine that suits them: HMAC and what hosts lack in Rust where it is there, the rest on the host.

#[cfg(all(feature = "rust-crypto", feature = "issuer"))]
use std::cell::OnceCell;
use std::cell::RefCell;

use wasm_bindgen::JsValue;

use super::webcrypto;
use crate::core::error::{Code, Error};
use crate::core::secret::Secret;
use crate::core::token::algorithm::Algorithm;
use crate::core::token::jwk::Jwk;
#[cfg(feature = "issuer")]
use crate::shell::host::random;

#[cfg(feature = "rust-crypto")]
use super::jwt_simple as rust;

/// Whether Rust computes the algorithm, at once: faster than the host, or where hosts do not.
fn in_rust(algorithm: Algorithm) -> bool {
    use Algorithm::{Es256K, MlDsa44, MlDsa65, MlDsa87};
    let is_rare = matches!(algorithm, Es256K | MlDsa44 | MlDsa65 | MlDsa87);
    cfg!(feature = "rust-crypto") && (is_rare || algorithm.is_symmetric())
}

/// A key that verifies.
#[derive(Debug)]
pub(crate) struct VerifyingKey {
    jwk: Jwk,
    host: Imported,
    #[cfg(feature = "rust-crypto")]
    rust: RefCell<Vec<(Algorithm, rust::VerifyingKey)>>,
}

impl VerifyingKey {
    /// Takes a public key or a shared secret, which is looked at when it is first used.
    pub(crate) fn new(jwk: &Jwk) -> Self {
        Self {
            jwk: jwk.clone(),
            host: Imported::default(),
            #[cfg(feature = "rust-crypto")]
            rust: RefCell::default(),
        }
    }

    /// Whether `verify_now` is also the faster of the two.
    pub(crate) fn prefers_now(&self) -> bool {
        self.jwk.algorithms().all(in_rust)
    }

    /// Whether the signature is the key's, without a promise.
    #[cfg(feature = "rust-crypto")]
    pub(crate) fn verify_now(
        &self,
        algorithm: Algorithm,
        input: &[u8],
        signature: &[u8],
    ) -> Result<bool, Error> {
        let mut keys = self.rust.borrow_mut();
        if let Some((_, key)) = keys.iter().find(|(known, _)| *known == algorithm) {
            return Ok(key.verify(input, signature));
        }
        let key = rust::VerifyingKey::new(&self.jwk, algorithm)?;
        let valid = key.verify(input, signature);
        keys.push((algorithm, key));
        Ok(valid)
    }

    /// Whether the signature is the key's, without a promise.
    #[cfg(not(feature = "rust-crypto"))]
    pub(crate) fn verify_now(&self, _: Algorithm, _: &[u8], _: &[u8]) -> Result<bool, Error> {
        Err(NO_PROMISE)
    }

    /// Whether the signature is the key's.
    pub(crate) async fn verify(
        &self,
        algorithm: Algorithm,
        input: &[u8],
        signature: &[u8],
    ) -> Result<bool, JsValue> {
        if in_rust(algorithm) {
            return Ok(self.verify_now(algorithm, input, signature)?);
        }
        match self.host.key(&self.jwk, algorithm, false).await {
            Err(error) if cfg!(feature = "rust-crypto") && webcrypto::is_missing(&error) => {
                self.verify_now(algorithm, input, signature).map_err(|_| error)
            }
            key => key?.verify(input, signature).await,
        }
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
            return key.sign(input);
        }
        let key = rust::SigningKey::new(&self.jwk)?;
        self.rust.get_or_init(|| key).sign(input)
    }

    /// The signature over `input`, without a promise.
    #[cfg(not(feature = "rust-crypto"))]
    pub(crate) fn sign_now(&self, _: &[u8]) -> Result<Vec<u8>, Error> {
        Err(NO_PROMISE)
    }

    /// The signature over `input`.
    pub(crate) async fn sign(&self, input: &[u8]) -> Result<Vec<u8>, JsValue> {
        let algorithm = self.jwk.signing_algorithm();
        if in_rust(algorithm) {
            return Ok(self.sign_now(input)?);
        }
        match self.host.key(&self.jwk, algorithm, true).await {
            Err(error) if cfg!(feature = "rust-crypto") && webcrypto::is_missing(&error) => {
                self.sign_now(input).map_err(|_| error)
            }
            key => key?.sign(input).await,
        }
    }
}

/// Makes a new private key.
#[cfg(feature = "issuer")]
pub(crate) async fn generate(algorithm: Algorithm) -> Result<Jwk, JsValue> {
    if let Some(length) = algorithm.secret_length() {
        let mut secret = random::<MOST_SECRET>()?.to_vec();
        secret.truncate(length);
        return Ok(Jwk::secret(secret, algorithm)?);
    }
    #[cfg(feature = "rust-crypto")]
    if in_rust(algorithm) {
        return Ok(rust::from_entropy(algorithm, random()?)?);
    }
    let mut key = Jwk::parse(webcrypto::generate(algorithm).await?.as_bytes())?;
    key.alg = Some(algorithm);
    Ok(key)
}

/// Takes in a private key in PKCS#8.
#[cfg(feature = "issuer")]
pub(crate) async fn import(pkcs8: &Secret, algorithm: Algorithm) -> Result<Jwk, JsValue> {
    #[cfg(feature = "rust-crypto")]
    if in_rust(algorithm) {
        return Ok(rust::from_pkcs8(algorithm, pkcs8)?);
    }
    let mut key = Jwk::parse(webcrypto::import_pkcs8(pkcs8, algorithm).await?.as_bytes())?;
    key.alg = Some(algorithm);
    Ok(key)
}

/// As long as the longest hash.
#[cfg(feature = "issuer")]
const MOST_SECRET: usize = 64;

#[cfg(not(feature = "rust-crypto"))]
const NO_PROMISE: Error = Error::new(
    Code::SyncUnavailable,
    "signatures are computed by the host here, which takes a promise; use evertoken/edge or await",
);

/// A key on the host's side, for each algorithm that the host has taken it in for.
#[derive(Debug, Default)]
struct Imported(RefCell<Vec<(Algorithm, webcrypto::Key)>>);

thread_local! {
    // Issuers and verifiers may be made for every request; the host takes each key in once per isolate.
    static HELD: RefCell<Vec<(Secret, webcrypto::Key)>> = const { RefCell::new(Vec::new()) };
}

/// How many keys an isolate keeps at hand.
const MOST_HELD: usize = 32;

impl Imported {
    async fn key(
        &self,
        jwk: &Jwk,
        algorithm: Algorithm,
        to_sign: bool,
    ) -> Result<webcrypto::Key, JsValue> {
        let known = |(known, _): &&(Algorithm, webcrypto::Key)| *known == algorithm;
        if let Some((_, key)) = self.0.borrow().iter().find(known) {
            return Ok(key.clone());
        }
        let name = name(jwk, algorithm, to_sign);
        let named = |(other, key): &(Secret, webcrypto::Key)| (*other == name).then(|| key.clone());
        let held = HELD.with_borrow(|held| held.iter().find_map(named));
        let key = match held {
            Some(key) => key,
            None => {
                let imported = webcrypto::Key::import(jwk, algorithm, to_sign).await;
                imported.inspect(|key| hold(name, key))?
            }
        };
        self.0.borrow_mut().push((algorithm, key.clone()));
        Ok(key)
    }
}

/// What tells a key on the host's side from all others: it may hold the key's private part.
fn name(jwk: &Jwk, algorithm: Algorithm, to_sign: bool) -> Secret {
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
