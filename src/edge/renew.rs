//! One-token mode: a new access token for one that is near its end.

use super::desk::{Desk, Event};
use super::failure::Failure;
use super::verifier::{Audience, Verified, verified};
use crate::core::account::renew::response;
use crate::core::error::{Code, Error};
use crate::core::json::Object;
use crate::core::token::draft;

/// A token that takes another one's place.
pub(super) struct Renewed {
    /// A TokenResponse as JSON.
    pub(super) body: String,
    pub(super) access: String,
}

impl Desk {
    /// The successor of a token; `None` while that is not near its end.
    pub(super) async fn renew(&self, token: &str) -> Result<Option<Renewed>, Failure> {
        let settings = self.settings();
        let renewal = settings.renewal.ok_or_else(|| OTHER_MODE.about("refreshToken"))?;
        let Some(Verified { claims, token }) = verified(settings, token, Audience::Late).await?
        else {
            return Err(NOT_OURS.into());
        };
        let now = settings.now()?;
        let Some(renewed) = renewal.renew(&claims.claims(), &token, now)? else { return Ok(None) };
        if settings.store.is_there() {
            let (account, _) = settings.store.read(&token.handle).await?.into_parts();
            token.check_session(account.as_ref(), now)?;
        }
        let input = draft::signing_input(self.header(), &renewed);
        let signature = settings.signing_key.sign(input.as_bytes()).await?;
        let access = draft::token(&input, &signature);
        let claims = Object::parse(renewed.as_bytes()).unwrap_or_default();
        let client = claims.string("client_id");
        let (handle, session) = (&*token.handle, &*token.session);
        let event = Event { handle, session, client, generation: None };
        self.tell("refreshed", claims.string("sub").unwrap_or_default(), &event, now);
        Ok(Some(Renewed { body: response(&access, &claims, now), access }))
    }
}

const OTHER_MODE: Error =
    Error::new(Code::Options, "only an issuer with refreshToken: false renews access tokens");
const NOT_OURS: Error =
    Error::new(Code::JwtInvalid, "this is no access token of this issuer; sign in again");
