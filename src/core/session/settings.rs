//! How a client is to behave.

/// What an application chose, with its defaults.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// Names everything stored, so that several clients live on one origin.
    pub storage_key: String,
    /// Seconds before an access token's end at which it is renewed; at most a quarter of its life.
    pub refresh_before_expiry: f64,
    /// Whether tokens are renewed before anybody asks.
    pub auto_refresh: bool,
    /// Seconds after which a refresh is given up.
    pub request_timeout: f64,
    /// Seconds for which another tab's newer tokens are waited for.
    pub lock_wait: f64,
    /// Seconds without use after which the session ends.
    pub idle_timeout: Option<f64>,
    /// Whether tokens that are due when they are found at start wait until somebody asks.
    pub lazy_start: bool,
    /// Whether the refresh token lives in a cookie, which only the browser sees.
    pub cookie: bool,
    /// Whether there is any way to refresh.
    pub can_refresh: bool,
    /// Whether a refresh needs no refresh token, because the application does it or a cookie holds it.
    pub own_refresh: bool,
    /// Whether a session can be ended at the server.
    pub can_revoke: bool,
    /// The origins that may see the access token.
    pub origins: Vec<String>,
    /// Where jitter starts from.
    pub seed: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            storage_key: String::from("evertoken"),
            refresh_before_expiry: 60.0,
            auto_refresh: true,
            request_timeout: 15.0,
            lock_wait: 5.0,
            idle_timeout: None,
            lazy_start: false,
            cookie: false,
            can_refresh: true,
            own_refresh: false,
            can_revoke: true,
            origins: Vec::new(),
            seed: 0,
        }
    }
}
