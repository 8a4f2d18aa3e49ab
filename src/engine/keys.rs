//! Keys with the engine that suits them: HMAC and what hosts lack in Rust where it is there, the rest on the host.

#[cfg(all(feature = "rust-crypto", feature = "issuer"))]
use std::cell::OnceCell;
use std::cell::RefCell;
#[cfg(feature = "rust-crypto")]
use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::JsValue;
#[cfg(feature = "issuer")]
use wasm_bindgen_futures::JsFuture;

use super::held::{self, Held};
#[cfg(feature = "rust-crypto")]
use super::node;
use super::webcrypto;
use crate::core::error::{Code, Error};
#[cfg(feature = "issuer")]
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

/// Whether a signature is the key's.
pub(crate) enum Answer {
    /// Computed at once.
    Now(bool),
    /// To be awaited of the host.
    Later(Promise),
}

/// A key that verifies.
#[derive(Debug)]
pub(crate) struct VerifyingKey {
    jwk: Jwk,
    host: Imported,
    #[cfg(feature = "rust-crypto")]
    now: RefCell<Vec<(Algorithm, Rc<Now>)>>,
}

/// What verifies without a promise.
#[cfg(feature = "rust-crypto")]
#[derive(Debug)]
enum Now {
    Node(node::Key),
    Rust(rust::VerifyingKey),
}

impl VerifyingKey {
    /// Takes a public key or a shared secret, which is looked at when it is first used.
    pub(crate) fn new(jwk: &Jwk) -> Self {
        Self {
            jwk: jwk.clone(),
            host: Imported::default(),
            #[cfg(feature = "rust-crypto")]
            now: RefCell::default(),
        }
    }

    /// Whether the signature is the key's, without a promise.
    #[cfg(feature = "rust-crypto")]
    pub(crate) fn verify_now(
        &self,
        algorithm: Algorithm,
        input: &[u8],
        signature: &[u8],
    ) -> Result<bool, Error> {
        match &*self.now(algorithm)? {
            Now::Node(key) => Ok(key.verify(input, signature)),
            Now::Rust(key) => Ok(key.verify(input, signature)),
        }
    }

    #[cfg(feature = "rust-crypto")]
    fn now(&self, algorithm: Algorithm) -> Result<Rc<Now>, Error> {
        if let Some((_, key)) = self.now.borrow().iter().find(|(known, _)| *known == algorithm) {
            return Ok(Rc::clone(key));
        }
        let key = Rc::new(match node::Key::new(&self.jwk, algorithm, false) {
            Some(key) => Now::Node(key),
            None => Now::Rust(rust::VerifyingKey::new(&self.jwk, algorithm)?),
        });
        self.now.borrow_mut().push((algorithm, Rc::clone(&key)));
        Ok(key)
    }

    /// Whether `verify_now` is there, and the faster way.
    fn is_now(&self, algorithm: Algorithm) -> bool {
        #[cfg(feature = "rust-crypto")]
        if node::verifies_quickly(algorithm) {
            return matches!(self.now(algorithm).as_deref(), Ok(Now::Node(_)));
        }
        in_rust(algorithm)
    }

    /// Whether the signature is the key's, without a promise.
    #[cfg(not(feature = "rust-crypto"))]
    pub(crate) fn verify_now(&self, _: Algorithm, _: &[u8], _: &[u8]) -> Result<bool, Error> {
        Err(NO_PROMISE)
    }

    /// Whether the signature is the key's; `None` where [`VerifyingKey::import`] has to come first.
    pub(crate) fn ask(
        &self,
        algorithm: Algorithm,
        input: &[u8],
        signature: &[u8],
    ) -> Result<Option<Answer>, JsValue> {
        let now = || Ok(Some(Answer::Now(self.verify_now(algorithm, input, signature)?)));
        if in_rust(algorithm) {
            return now();
        }
        match self.host.known(algorithm) {
            Some(Some(key)) => Ok(Some(Answer::Later(key.verify(input, signature)?))),
            Some(None) => now(),
            None if self.is_now(algorithm) => now(),
            None => Ok(None),
        }
    }

    /// Hands the key to the host, or finds that Rust has to do.
    pub(crate) async fn import(&self, algorithm: Algorithm) -> Result<(), JsValue> {
        match self.host.key(&self.jwk, algorithm, false).await {
            #[cfg(feature = "rust-crypto")]
            Err(error) if webcrypto::is_missing(&error) => {
                self.now(algorithm).map_err(|_| error)?;
                self.host.lacks(algorithm);
                Ok(())
            }
            key => key.map(|_| ()),
        }
    }

    /// Whether the signature is the key's.
    #[cfg(feature = "issuer")]
    pub(crate) async fn verify(
        &self,
        algorithm: Algorithm,
        input: &[u8],
        signature: &[u8],
    ) -> Result<bool, JsValue> {
        let mut answer = self.ask(algorithm, input, signature)?;
        if answer.is_none() {
            self.import(algorithm).await?;
            answer = self.ask(algorithm, input, signature)?;
        }
        match answer {
            Some(Answer::Now(valid)) => Ok(valid),
            Some(Answer::Later(answer)) => match JsFuture::from(answer).await {
                Ok(valid) => Ok(valid.is_truthy()),
                Err(cause) => Err(webcrypto::failed(&cause)),
            },
            None => Ok(false),
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
    now: OnceCell<Signing>,
}

/// What signs without a promise.
#[cfg(all(feature = "rust-crypto", feature = "issuer"))]
#[derive(Debug)]
enum Signing {
    Node(node::Key),
    Rust(Box<rust::SigningKey>),
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
            now: OnceCell::new(),
        })
    }

    /// The key that signs.
    pub(crate) const fn jwk(&self) -> &Jwk {
        &self.jwk
    }

    /// The signature over `input`, without a promise.
    #[cfg(feature = "rust-crypto")]
    pub(crate) fn sign_now(&self, input: &[u8]) -> Result<Vec<u8>, Error> {
        match self.now()? {
            Signing::Node(key) => key.sign(input).ok_or(NOT_SIGNED),
            Signing::Rust(key) => key.sign(input),
        }
    }

    #[cfg(feature = "rust-crypto")]
    fn now(&self) -> Result<&Signing, Error> {
        if let Some(key) = self.now.get() {
            return Ok(key);
        }
        let key = match node::Key::new(&self.jwk, self.jwk.signing_algorithm(), true) {
            Some(key) => Signing::Node(key),
            None => Signing::Rust(Box::new(rust::SigningKey::new(&self.jwk)?)),
        };
        Ok(self.now.get_or_init(|| key))
    }

    /// Whether `sign_now` is there, and the faster way.
    pub(crate) fn is_now(&self) -> bool {
        let algorithm = self.jwk.signing_algorithm();
        #[cfg(feature = "rust-crypto")]
        if node::signs_quickly(algorithm) {
            return matches!(self.now(), Ok(Signing::Node(_)));
        }
        in_rust(algorithm)
    }

    /// The signature over `input`, without a promise.
    #[cfg(not(feature = "rust-crypto"))]
    pub(crate) fn sign_now(&self, _: &[u8]) -> Result<Vec<u8>, Error> {
        Err(NO_PROMISE)
    }

    /// Promises the signature over `input` in an `ArrayBuffer`; `None` where it is to be had at once, or the host has not
    /// taken the key in yet.
    pub(crate) fn ask(&self, input: &[u8]) -> Result<Option<Promise>, JsValue> {
        match self.host.known(self.jwk.signing_algorithm()).flatten() {
            Some(key) if !self.is_now() => key.sign(input).map(Some),
            _ => Ok(None),
        }
    }

    /// The signature over `input`.
    pub(crate) async fn sign(&self, input: &[u8]) -> Result<Vec<u8>, JsValue> {
        let algorithm = self.jwk.signing_algorithm();
        if self.is_now() {
            return Ok(self.sign_now(input)?);
        }
        match self.host.key(&self.jwk, algorithm, true).await {
            Err(error) if cfg!(feature = "rust-crypto") && webcrypto::is_missing(&error) => {
                self.sign_now(input).map_err(|_| error)
            }
            key => webcrypto::signature(key?.sign(input)?).await,
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

#[cfg(all(feature = "rust-crypto", feature = "issuer"))]
const NOT_SIGNED: Error = Error::new(Code::NotSupported, "the host does not sign with this key");

/// As long as the longest hash.
#[cfg(feature = "issuer")]
const MOST_SECRET: usize = 64;

#[cfg(not(feature = "rust-crypto"))]
const NO_PROMISE: Error = Error::new(
    Code::SyncUnavailable,
    "signatures are computed by the host here, which takes a promise; use evertoken/edge or await",
);

/// A key on the host's side, for each algorithm that the host has taken it in for; `None` where the
/// host lacks the algorithm.
#[derive(Debug, Default)]
struct Imported(RefCell<Vec<(Algorithm, Option<webcrypto::Key>)>>);

thread_local! {
    static HELD: Held<webcrypto::Key> = const { Held::new() };
}

impl Imported {
    fn known(&self, algorithm: Algorithm) -> Option<Option<webcrypto::Key>> {
        let keys = self.0.borrow();
        keys.iter().find(|(known, _)| *known == algorithm).map(|(_, key)| key.clone())
    }

    #[cfg(feature = "rust-crypto")]
    fn lacks(&self, algorithm: Algorithm) {
        self.0.borrow_mut().push((algorithm, None));
    }

    async fn key(
        &self,
        jwk: &Jwk,
        algorithm: Algorithm,
        to_sign: bool,
    ) -> Result<webcrypto::Key, JsValue> {
        if let Some(Some(key)) = self.known(algorithm) {
            return Ok(key);
        }
        let name = held::name(jwk, algorithm, to_sign);
        let key = match HELD.with(|held| held.find(&name)) {
            Some(key) => key,
            None => {
                let imported = webcrypto::Key::import(jwk, algorithm, to_sign).await;
                imported.inspect(|key| HELD.with(|held| held.keep(name, key)))?
            }
        };
        self.0.borrow_mut().push((algorithm, Some(key.clone())));
        Ok(key)
    }
}
