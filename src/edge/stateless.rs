//! Stateless mode: a refresh with a token that carries all that is known of its session.

use super::desk::{Desk, Event, Tokens, Way};
use super::failure::Failure;
use super::refresh::Request;
use crate::core::account::claims::narrowed;
use crate::core::account::refusal::Refusal;

impl Desk {
    /// Gives a successor; whether the token was used before, nobody knows.
    pub(super) async fn refresh_carried(&self, request: Request) -> Result<Tokens, Failure> {
        let settings = self.settings();
        let now = settings.now()?;
        let mut carried = settings.secrets.open(&request.token, &settings.issuer)?;
        carried.account.renew(&carried.session, request.device);
        let session = carried.session(&request.client, now)?;
        let scope = narrowed(session.grant.scope.as_deref(), request.scope.as_deref())?;
        let access = self.terms(&carried.handle, &carried.account, session, scope, now).await?;
        carried.advance(access, now);
        let session = carried.account.session(&carried.session).ok_or(Refusal::Unknown)?;
        let event = Event {
            handle: &carried.handle,
            session: &session.id,
            client: Some(&session.client),
            generation: Some(session.generation),
        };
        self.tell("refreshed", &carried.account.subject, &event, now);
        let cookies = settings.cookies.as_ref().filter(|_| request.jar.is_some());
        let way = cookies.map_or(Way::Body, |cookies| Way::Cookies { cookies, period: None });
        self.answer(&carried.handle, &carried.account, session, way).await
    }
}
