//! The options of `createIssuer`.

use std::cell::{Cell, OnceCell};

use hmac_sha256::{HMAC, Hash};
use js_sys::{Array, Function, Object, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use super::store::Store;
use super::verifier::Own;
use crate::core::account::clients::{Client, Clients, Lifetimes, hashed};
use crate::core::account::codec::Secrets;
use crate::core::account::cookie::{Cookies, Wanted};
use crate::core::account::endpoint::{Endpoint, Paths, is_origin};
use crate::core::account::record::Limit;
use crate::core::account::renew::Renewal;
use crate::core::error::{Code, Error};
use crate::core::json::{self, Value};
use crate::core::secret::Secret;
use crate::core::token::base64url;
use crate::core::token::jwk::Jwk;
use crate::engine::SigningKey;
use crate::shell::host::Clock;
use crate::shell::options::Options;

const KNOWN: &[&str] = &[
    "issuer",
    "audience",
    "signingKeys",
    "secrets",
    "store",
    "accessTokenTtl",
    "refreshToken",
    "clients",
    "sessionsPerSubject",
    "onSessionLimit",
    "claims",
    "cors",
    "paths",
    "cookie",
    "renew",
    "onEvent",
    "now",
];

/// A century, in seconds: more than any session should live.
const LONGEST_LIFE: f64 = 3_155_760_000.0;

/// A day: for how long a session lives that nobody can end.
const UNENDABLE: i64 = 86_400;

/// A week, a month, half a minute.
const DEFAULT_LIFETIMES: Lifetimes = Lifetimes { idle: 604_800, absolute: 2_592_000, grace: 30 };

/// Everything that an issuer was told.
pub(super) struct Settings {
    pub(super) issuer: String,
    pub(super) audience: Vec<String>,
    pub(super) signing_key: SigningKey,
    pub(super) keys: Vec<Jwk>,
    /// Made when it is first needed: issuers may be made for a single request.
    pub(super) own: OnceCell<Own>,
    pub(super) secrets: Secrets,
    pub(super) store: Store,
    pub(super) access_ttl: i64,
    pub(super) clients: Clients,
    pub(super) origins: Vec<String>,
    pub(super) limit: Limit,
    /// One-token mode.
    pub(super) renewal: Option<Renewal>,
    /// Refresh tokens carry their sessions; whether `onEvent` has yet to hear of it.
    pub(super) stateless: Option<Cell<bool>>,
    pub(super) claims: Option<Function>,
    pub(super) paths: Paths,
    pub(super) cookies: Option<Cookies>,
    pub(super) on_event: Option<Function>,
    pub(super) clock: Clock,
}

impl Settings {
    pub(super) fn read(options: &JsValue) -> Result<Self, Error> {
        let options = Options::new(options, KNOWN)?;
        let required = |name| move || Error::option(name, "an issuer needs this option");
        let keys = keys(&options)?;
        let first = keys.first().ok_or_else(required("signingKeys"))?;
        let signing_key = SigningKey::new(first).map_err(|error| at(error, "signingKeys"))?;
        let access_ttl = seconds(&options, "accessTokenTtl", 300, 1.0, LONGEST_LIFE)?;
        let renewal = renewal(&options, access_ttl)?;
        let mode = options.value("refreshToken").and_then(|value| value.as_string());
        let is_stateless = mode.as_deref() == Some("stateless");
        let lifetimes = match renewal {
            // Only the end that the sign-in set counts where nothing is written at a renewal.
            Some(Renewal { absolute, .. }) => Lifetimes { idle: absolute, absolute, grace: 0 },
            None if is_stateless => Lifetimes { absolute: UNENDABLE, ..DEFAULT_LIFETIMES },
            None => read_lifetimes(&options, DEFAULT_LIFETIMES)?,
        };
        let store = match options.value("store") {
            Some(_) if is_stateless => {
                let message = "stateless mode asks no store; leave this out, or refreshToken";
                return Err(options.wrong("store", message));
            }
            Some(store) => Store::new(store)?,
            None if is_stateless || renewal.is_some() => Store::NONE,
            None => return Err(required("store")()),
        };
        let issuer = options.string("issuer")?.ok_or_else(required("issuer"))?;
        Ok(Self {
            paths: paths(&options, &issuer, &store, renewal)?,
            issuer,
            audience: options.strings("audience")?.ok_or_else(required("audience"))?,
            signing_key,
            keys,
            own: OnceCell::new(),
            secrets: secrets(&options, renewal)?,
            access_ttl,
            clients: clients(&options, lifetimes, renewal)?,
            origins: origins(&options)?,
            limit: limit(&options, &store)?,
            store,
            renewal,
            stateless: is_stateless.then(|| Cell::new(true)),
            claims: options.function("claims")?,
            cookies: cookies(&options)?,
            on_event: options.function("onEvent")?,
            clock: Clock::of(&options)?,
        })
    }

    /// Unix time in whole seconds.
    pub(super) fn now(&self) -> Result<i64, JsValue> {
        #[allow(clippy::cast_possible_truncation, reason = "saturates")]
        Ok(self.clock.seconds()?.floor() as i64)
    }
}

fn keys(options: &Options) -> Result<Vec<Jwk>, Error> {
    let wrong = || options.wrong("signingKeys", "signing keys are an array of private JWKs");
    let Some(text) = options.json("signingKeys")? else { return Ok(Vec::new()) };
    let Some(Value::Array(keys)) = json::parse(text.as_bytes()) else { return Err(wrong()) };
    let read = |key: &Value<'_>| {
        let key = Jwk::from_object(key.as_object().ok_or_else(wrong)?);
        key.map(named).map_err(|error| at(error, "signingKeys"))
    };
    keys.iter().map(read).collect()
}

/// A key without a name goes by its thumbprint ([RFC 7638]); a shared secret, of which nothing may
/// be known, by a keyed one.
///
/// [RFC 7638]: https://www.rfc-editor.org/rfc/rfc7638
fn named(mut key: Jwk) -> Jwk {
    if key.kid.is_none() {
        let input = key.thumbprint_input();
        let name = match key.public_json() {
            Some(_) => Hash::hash(input.as_bytes()),
            None => HMAC::mac(b"evertoken kid", Secret::new(input.into_bytes()).expose()),
        };
        key.kid = Some(base64url::encode(&name));
    }
    key
}

fn secrets(options: &Options, renewal: Option<Renewal>) -> Result<Secrets, Error> {
    let wrong = || options.wrong("secrets", "secrets are an array of strings or Uint8Arrays");
    let given = options.value("secrets");
    if given.is_none() && renewal.is_some() {
        return Ok(Secrets::default());
    }
    let given = given.unwrap_or_else(|| Array::new().into());
    let secret = |secret: JsValue| match secret.as_string() {
        Some(text) => Ok(Secret::new(text.into_bytes())),
        None => secret
            .dyn_into::<Uint8Array>()
            .map(|bytes| Secret::new(bytes.to_vec()))
            .map_err(|_| wrong()),
    };
    let list = given.dyn_into::<Array>().map_err(|_| wrong())?;
    let secrets: Vec<_> = list.iter().map(secret).collect::<Result<_, _>>()?;
    Secrets::new(&secrets)
}

fn clients(
    options: &Options,
    lifetimes: Lifetimes,
    renewal: Option<Renewal>,
) -> Result<Clients, Error> {
    let Some(given) = options.value("clients") else {
        return Ok(Clients::new(None, lifetimes));
    };
    if !given.is_object() || Array::is_array(&given) {
        return Err(options.wrong("clients", "clients are an object: { \"client id\": {} }"));
    }
    let part = options.part("clients");
    let client = |id: JsValue| {
        let id = id.as_string().unwrap_or_default();
        let own = part.nested(&id, &["secret", "audience", "refreshToken"])?;
        let own = own.ok_or_else(|| part.wrong(&id, "a client is an object; {} will do"))?;
        if renewal.is_some() && own.value("refreshToken").is_some() {
            let message =
                "one-token mode has no refresh tokens; renew.absoluteTtl is for all clients";
            return Err(own.wrong("refreshToken", message));
        }
        Ok(Client {
            secret: own.string("secret")?.map(|secret| hashed(&secret)),
            audience: own.strings("audience")?.unwrap_or_default(),
            lifetimes: read_lifetimes(&own, lifetimes)?,
            id,
        })
    };
    let known = Object::keys(given.unchecked_ref::<Object>()).into_iter().map(client);
    Ok(Clients::new(Some(known.collect::<Result<_, Error>>()?), lifetimes))
}

fn read_lifetimes(options: &Options, default: Lifetimes) -> Result<Lifetimes, Error> {
    let own = options.nested("refreshToken", &["idleTtl", "absoluteTtl", "grace"])?;
    let Some(own) = own else { return Ok(default) };
    Ok(Lifetimes {
        idle: seconds(&own, "idleTtl", default.idle, 1.0, LONGEST_LIFE)?,
        absolute: seconds(&own, "absoluteTtl", default.absolute, 1.0, LONGEST_LIFE)?,
        grace: seconds(&own, "grace", default.grace, 0.0, 300.0)?,
    })
}

/// One-token mode, where `refreshToken` is `false`.
fn renewal(options: &Options, life: i64) -> Result<Option<Renewal>, Error> {
    let own = options.nested("renew", &["before", "after", "absoluteTtl"])?;
    if options.value("refreshToken").and_then(|value| value.as_bool()) != Some(false) {
        let message = "this is for one-token mode alone: refreshToken: false";
        return own.map_or(Ok(None), |_| Err(options.wrong("renew", message)));
    }
    let cookie = options.value("cookie").is_some_and(|value| value.as_bool() != Some(false));
    if cookie {
        let message = "the cookies carry a refresh token, which one-token mode has none of";
        return Err(options.wrong("cookie", message));
    }
    let absolute = match options.value("store") {
        Some(_) => DEFAULT_LIFETIMES.absolute,
        None => UNENDABLE,
    };
    let own = options.part("renew");
    #[allow(clippy::cast_precision_loss, reason = "a century at most")]
    let most = (life - 1).max(1) as f64;
    let after = seconds(&own, "after", 0, 0.0, LONGEST_LIFE)?;
    if after > 0 && options.value("store").is_none() {
        let message = "only a store knows whether the session of a token that is over still lives";
        return Err(own.wrong("after", message));
    }
    let before = seconds(&own, "before", (life / 4).max(1), 1.0, most)?;
    let absolute = seconds(&own, "absoluteTtl", absolute, 1.0, LONGEST_LIFE)?;
    Ok(Some(Renewal { life, before, after, absolute }))
}

fn origins(options: &Options) -> Result<Vec<String>, Error> {
    let cors = options.nested("cors", &["origins"])?;
    let Some(cors) = cors else { return Ok(Vec::new()) };
    let origins = cors.list("origins")?.unwrap_or_default();
    if origins.iter().all(|origin| is_origin(origin)) {
        return Ok(origins);
    }
    let message = "these are origins as browsers write them: https://app.example, or \"*\" for all";
    Err(cors.wrong("origins", message))
}

fn limit(options: &Options, store: &Store) -> Result<Limit, Error> {
    for name in ["sessionsPerSubject", "onSessionLimit"] {
        if !store.is_there() && options.value(name).is_some() {
            return Err(options.wrong(name, "only a store can count sessions"));
        }
    }
    let most = options.number("sessionsPerSubject", 1.0, 100.0)?.unwrap_or(20.0);
    let evict = match options.string("onSessionLimit")?.as_deref() {
        None | Some("evict-oldest") => true,
        Some("reject") => false,
        Some(_) => {
            let message = "this must be \"evict-oldest\" or \"reject\"";
            return Err(options.wrong("onSessionLimit", message));
        }
    };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 to 100")]
    Ok(Limit { sessions: most as usize, evict })
}

fn cookies(options: &Options) -> Result<Option<Cookies>, Error> {
    const NAMES: [&str; 4] = ["name", "path", "domain", "sameSite"];
    match options.value("cookie").map(|value| value.as_bool()) {
        None | Some(Some(false)) => Ok(None),
        Some(Some(true)) => Cookies::new(Wanted::default()).map(Some),
        Some(None) => {
            let own = options.nested("cookie", &NAMES)?;
            let Some(own) = own else { return Ok(None) };
            Cookies::new(Wanted {
                name: own.string("name")?.as_deref(),
                path: own.string("path")?.as_deref(),
                domain: own.string("domain")?.as_deref(),
                same_site: own.string("sameSite")?.as_deref(),
            })
            .map(Some)
        }
    }
}

fn paths(
    options: &Options,
    issuer: &str,
    store: &Store,
    renewal: Option<Renewal>,
) -> Result<Paths, Error> {
    let own = options.nested("paths", &Paths::NAMES)?;
    let paths = Paths::new(issuer, |name| {
        let Some(own) = &own else { return Ok(None) };
        let path = own.string(name)?;
        if path.as_deref().is_none_or(Paths::is_path) {
            return Ok(path);
        }
        Err(own.wrong(name, "a path begins with a slash and has no ? or #"))
    })?;
    let lacks = |endpoint| match endpoint {
        Endpoint::Token => renewal.is_some(),
        Endpoint::Sessions => !store.is_there(),
        _ => false,
    };
    Ok(paths.without(lacks))
}

fn seconds(
    options: &Options,
    name: &str,
    default: i64,
    least: f64,
    most: f64,
) -> Result<i64, Error> {
    #[allow(clippy::cast_possible_truncation, reason = "within its bounds")]
    Ok(options.number(name, least, most)?.map_or(default, |seconds| seconds as i64))
}

/// An error about a key, which is an error about the option that it came with.
fn at(error: Error, option: &'static str) -> Error {
    if error.code == Code::Options {
        return error;
    }
    error.about(option)
}
