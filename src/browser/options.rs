//! The options of `createClient`.

use js_sys::Function;
use wasm_bindgen::JsValue;

use super::globals::{Url, global, member};
use super::host::Host;
use super::storage::Storage;
use crate::core::error::Error;
use crate::core::session::Settings;
use crate::shell::options::Options;

/// Everything that a client is made with.
pub(super) struct Made {
    pub(super) settings: Settings,
    pub(super) server: Server,
    pub(super) host: Host,
    /// None where the host has no storage although it was asked for.
    pub(super) storage: Option<Storage>,
}

/// Who renews and revokes.
pub(super) struct Server {
    pub(super) token_endpoint: Option<String>,
    pub(super) revocation_endpoint: Option<String>,
    pub(super) client_id: Option<String>,
    pub(super) refresh: Option<Function>,
}

const NAMES: &[&str] = &[
    "tokenEndpoint",
    "clientId",
    "revocationEndpoint",
    "refresh",
    "storage",
    "storageKey",
    "autoRefresh",
    "refreshBeforeExpiry",
    "lockWait",
    "requestTimeout",
    "origins",
    "host",
];

/// Longer than any of these durations can usefully be, in seconds.
const LONG: f64 = 1e9;

pub(super) fn read(value: &JsValue) -> Result<Made, Error> {
    let options = Options::new(value, NAMES)?;
    let host = Host::of(&options)?;
    let page = page();
    let url = |name| endpoint(&options, name, page.as_deref());
    let server = Server {
        token_endpoint: url("tokenEndpoint")?,
        revocation_endpoint: url("revocationEndpoint")?,
        client_id: options.string("clientId")?,
        refresh: options.function("refresh")?,
    };
    let storage = match options.string("storage")?.as_deref() {
        None | Some("local") => Storage::local(),
        Some("memory") => Some(Storage::memory()),
        Some(_) => return Err(options.wrong("storage", "this must be \"local\" or \"memory\"")),
    };
    Ok(Made {
        settings: settings(&options, &server, &host, page.as_deref())?,
        server,
        host,
        storage,
    })
}

fn settings(
    options: &Options,
    server: &Server,
    host: &Host,
    page: Option<&str>,
) -> Result<Settings, Error> {
    let mut settings = Settings::default();
    let seconds = |name, least, setting: &mut f64| {
        options.number(name, least, LONG).map(|given| *setting = given.unwrap_or(*setting))
    };
    seconds("refreshBeforeExpiry", 0.0, &mut settings.refresh_before_expiry)?;
    seconds("lockWait", 0.0, &mut settings.lock_wait)?;
    seconds("requestTimeout", 0.001, &mut settings.request_timeout)?;
    if let Some(key) = options.string("storageKey")? {
        settings.storage_key = key;
    }
    settings.auto_refresh = options.flag("autoRefresh")?.unwrap_or(true);
    settings.can_refresh = server.token_endpoint.is_some() || server.refresh.is_some();
    settings.own_refresh = server.refresh.is_some();
    settings.can_revoke = server.revocation_endpoint.is_some();
    settings.origins = origins(options, server, page)?;
    settings.seed = host.seed();
    Ok(settings)
}

/// The address of the page or worker, which relative URLs are relative to.
fn page() -> Option<String> {
    member(&global("location")?, "href")?.as_string()
}

fn endpoint(options: &Options, name: &str, page: Option<&str>) -> Result<Option<String>, Error> {
    let Some(given) = options.string(name)? else { return Ok(None) };
    let url = Url::new(&given, page);
    let wrong = |_| options.wrong(name, "this must be a URL, and an absolute one where no page is");
    url.map(|url| Some(url.href())).map_err(wrong)
}

fn origins(options: &Options, server: &Server, page: Option<&str>) -> Result<Vec<String>, Error> {
    let Some(given) = options.list("origins")? else {
        let own = [page, server.token_endpoint.as_deref()];
        return Ok(own.into_iter().flatten().filter_map(origin).collect());
    };
    let wrong =
        || options.wrong("origins", "these must be origins, such as https://api.example.com");
    given.iter().map(|given| origin(given).ok_or_else(wrong)).collect()
}

/// The origin of a URL.
pub(super) fn origin(url: &str) -> Option<String> {
    Url::new(url, None).ok().map(|url| url.origin())
}
