//! What can go wrong, as stable codes with a sentence that says what to do.

use std::borrow::Cow;
use std::fmt;

/// A refusal or a failure; holds no token, no key and no part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Error {
    /// What happened, for programs.
    pub code: Code,
    /// What happened and what to do about it, for people.
    pub message: &'static str,
    /// Behind a pointer, since every `?` on the way moves the whole.
    detail: Option<Box<Detail>>,
}

/// What some errors say beyond their code and message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Detail {
    /// The claim or header member that the refusal is about.
    pub claim: Option<Cow<'static, str>>,
    /// Which of the reasons behind the code it is.
    pub reason: Option<&'static str>,
    /// The option to correct, as the user wrote it (`refreshToken.grace`).
    pub option: Option<Cow<'static, str>>,
    /// Seconds to wait before it is worth trying again.
    pub retry_after: Option<u32>,
    /// The HTTP status that was answered.
    pub status: Option<u16>,
    /// The sign-in that `ERR_STEP_UP_REQUIRED` asks for.
    pub step_up: Option<StepUp>,
}

/// How recent and how strong a sign-in must be ([RFC 9470, section 3]).
///
/// [RFC 9470, section 3]: https://www.rfc-editor.org/rfc/rfc9470#section-3
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StepUp {
    /// Seconds since the sign-in (`max_age`).
    pub max_auth_age: Option<u32>,
    /// Authentication contexts of which one must be met (`acr_values`); empty asks for none.
    pub acr_values: Vec<String>,
}

impl Error {
    /// An error with nothing but its code and message.
    #[must_use]
    pub const fn new(code: Code, message: &'static str) -> Self {
        Self { code, message, detail: None }
    }

    /// An option that is missing or wrong.
    #[must_use]
    pub fn option(name: impl Into<Cow<'static, str>>, message: &'static str) -> Self {
        Self::new(Code::Options, message).about(name)
    }

    /// What it says beyond its code and message.
    #[must_use]
    pub fn detail(&self) -> &Detail {
        const NONE: &Detail = &Detail {
            claim: None,
            reason: None,
            option: None,
            retry_after: None,
            status: None,
            step_up: None,
        };
        self.detail.as_deref().unwrap_or(NONE)
    }

    /// Names the option that it came with.
    #[must_use]
    pub fn about(self, option: impl Into<Cow<'static, str>>) -> Self {
        let option = Some(option.into());
        self.with(|detail| detail.option = option)
    }

    /// Names the claim or header member at fault.
    #[must_use]
    pub fn claim(self, claim: impl Into<Cow<'static, str>>) -> Self {
        let claim = Some(claim.into());
        self.with(|detail| detail.claim = claim)
    }

    /// Names the reason behind the code.
    #[must_use]
    pub fn reason(self, reason: &'static str) -> Self {
        self.with(|detail| detail.reason = Some(reason))
    }

    /// Says how many seconds to wait.
    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Self {
        self.with(|detail| detail.retry_after = Some(seconds))
    }

    /// Says what was answered.
    #[must_use]
    pub fn status(self, status: u16) -> Self {
        self.with(|detail| detail.status = Some(status))
    }

    /// Says which sign-in would do.
    #[must_use]
    pub fn step_up(self, needed: StepUp) -> Self {
        self.with(|detail| detail.step_up = Some(needed))
    }

    fn with(mut self, change: impl FnOnce(&mut Detail)) -> Self {
        change(self.detail.get_or_insert_default());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message)
    }
}

impl std::error::Error for Error {}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+) => {
        /// The stable code of an [`Error`]; where jose has one for the same thing, it is jose's.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Code { $($(#[doc = $doc])+ $variant,)+ }

        impl Code {
            /// Every code there is.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The code as users see it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

codes! {
    /// The algorithm is not among those that the keys and options allow.
    AlgNotAllowed = "ERR_JOSE_ALG_NOT_ALLOWED",
    /// Nothing here can compute this algorithm.
    NotSupported = "ERR_JOSE_NOT_SUPPORTED",
    /// The key is malformed, too weak, or not for this use.
    JwkInvalid = "ERR_JWK_INVALID",
    /// The key set is malformed.
    JwksInvalid = "ERR_JWKS_INVALID",
    /// More than one key of the set fits the token.
    JwksMultipleMatchingKeys = "ERR_JWKS_MULTIPLE_MATCHING_KEYS",
    /// No key of the set fits the token.
    JwksNoMatchingKey = "ERR_JWKS_NO_MATCHING_KEY",
    /// The key set did not arrive in time.
    JwksTimeout = "ERR_JWKS_TIMEOUT",
    /// The server of the key set cannot be reached, or does not answer with one.
    JwksUnavailable = "ERR_JWKS_UNAVAILABLE",
    /// The token is not a well-formed JWS.
    JwsInvalid = "ERR_JWS_INVALID",
    /// The signature is not the key's.
    JwsSignatureVerificationFailed = "ERR_JWS_SIGNATURE_VERIFICATION_FAILED",
    /// A claim is missing or not as required; `claim` and `reason` say which and why.
    JwtClaimValidationFailed = "ERR_JWT_CLAIM_VALIDATION_FAILED",
    /// The token has expired.
    JwtExpired = "ERR_JWT_EXPIRED",
    /// The token is not a well-formed JWT.
    JwtInvalid = "ERR_JWT_INVALID",
    /// The wasm module is not loaded yet, could not be loaded or failed (then `retryable` says so), or what was called was
    /// disposed of.
    NotReady = "ERR_NOT_READY",
    /// An option is missing or wrong; `option` names it.
    Options = "ERR_OPTIONS",
    /// The refresh token's session is past its end; `reason` is `idle` or `absolute`.
    RefreshExpired = "ERR_REFRESH_EXPIRED",
    /// The refresh token is not one of ours.
    RefreshInvalid = "ERR_REFRESH_INVALID",
    /// An old refresh token was used again, so the session was ended.
    RefreshReused = "ERR_REFRESH_REUSED",
    /// The session was ended by its user or an admin.
    RefreshRevoked = "ERR_REFRESH_REVOKED",
    /// A newer refresh token of the same session exists; nothing was ended.
    RefreshSuperseded = "ERR_REFRESH_SUPERSEDED",
    /// The refresh could not be done now.
    RefreshUnavailable = "ERR_REFRESH_UNAVAILABLE",
    /// The session is over.
    SessionEnded = "ERR_SESSION_ENDED",
    /// The subject has as many sessions as it may have.
    SessionLimit = "ERR_SESSION_LIMIT",
    /// The action asks for a stronger or a more recent sign-in.
    StepUpRequired = "ERR_STEP_UP_REQUIRED",
    /// The store failed.
    Store = "ERR_STORE",
    /// The store cannot compare and set.
    StoreUnsuitable = "ERR_STORE_UNSUITABLE",
    /// The answer cannot be had synchronously here.
    SyncUnavailable = "ERR_SYNC_UNAVAILABLE",
    /// Permissions changed after the token was made.
    TokenStale = "ERR_TOKEN_STALE",
    /// The token was revoked.
    TokenRevoked = "ERR_TOKEN_REVOKED",
    /// Too many attempts; `retry_after` says when to come back.
    TooManyAttempts = "ERR_TOO_MANY_ATTEMPTS",
}

impl Code {
    /// Whether the same call may succeed later without any change.
    #[must_use]
    pub const fn retryable(self) -> bool {
        matches!(
            self,
            Self::JwksTimeout
                | Self::JwksUnavailable
                | Self::RefreshUnavailable
                | Self::Store
                | Self::TooManyAttempts
        )
    }
}
