//! The handle behind `createIssuer`; the facade gives it plain values and gets JSON.

use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::desk::{Desk, Way};
use super::failure::Failure;
use super::handler;
use super::settings::Settings;
use super::verifier;
use crate::core::json::Writer;
use crate::shell::host;
use crate::shell::verifier::Verifier;

/// An issuer.
#[wasm_bindgen]
pub struct Issuer {
    desk: Rc<Desk>,
}

#[wasm_bindgen]
impl Issuer {
    /// Reads the options of `createIssuer`.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue) -> Result<Self, JsValue> {
        Ok(Self { desk: Rc::new(Desk::new(Settings::read(options)?)) })
    }

    /// Promises a TokenResponse as JSON.
    pub fn issue(&self, grant: JsValue) -> Promise {
        self.promise(async move |desk| Ok(desk.issue(&grant, Way::Body, None).await?.body.into()))
    }

    /// Promises a TokenResponse as JSON.
    pub fn refresh(&self, token: String, context: JsValue) -> Promise {
        self.promise(async move |desk| {
            let request = super::refresh::Request::read(token, &context)?;
            Ok(desk.refresh(request).await?.body.into())
        })
    }

    /// Promises a TokenResponse as JSON, or `null` while the token is not near its end.
    pub fn renew(&self, token: String) -> Promise {
        self.promise(async move |desk| {
            Ok(desk.renew(&token).await?.map_or(JsValue::NULL, |renewed| renewed.body.into()))
        })
    }

    /// Promises that the token is no longer good for anything.
    pub fn revoke(&self, token: String) -> Promise {
        self.promise(async move |desk| {
            desk.revoke(&token).await?;
            Ok(JsValue::UNDEFINED)
        })
    }

    /// Promises that the session is over.
    #[wasm_bindgen(js_name = revokeSession)]
    pub fn revoke_session(&self, session: String) -> Promise {
        self.promise(async move |desk| {
            desk.revoke_session(&session).await?;
            Ok(JsValue::UNDEFINED)
        })
    }

    /// Promises how many sessions of the subject were ended.
    #[wasm_bindgen(js_name = revokeSubject)]
    pub fn revoke_subject(&self, subject: String, options: JsValue) -> Promise {
        self.promise(async move |desk| {
            let ended = desk.revoke_subject(&subject, &options).await?;
            Ok(u32::try_from(ended).unwrap_or(u32::MAX).into())
        })
    }

    /// Promises a list of SessionInfo as JSON.
    pub fn sessions(&self, subject: String) -> Promise {
        self.promise(async move |desk| Ok(desk.sessions(&subject).await?.into()))
    }

    /// Promises that the next refresh of the session carries this proof of identity.
    pub fn elevate(&self, session: String, options: JsValue) -> Promise {
        self.promise(async move |desk| {
            desk.elevate(&session, &options).await?;
            Ok(JsValue::UNDEFINED)
        })
    }

    /// Promises that every access token of the subject is stale.
    #[wasm_bindgen(js_name = bumpPermissions)]
    pub fn bump_permissions(&self, subject: String) -> Promise {
        self.promise(async move |desk| {
            desk.bump_permissions(&subject).await?;
            Ok(JsValue::UNDEFINED)
        })
    }

    /// The public keys, as JSON.
    pub fn jwks(&self) -> String {
        jwks(self.desk.settings())
    }

    /// A verifier of this issuer's access tokens.
    pub fn verifier(&self, options: &JsValue) -> Result<Verifier, JsValue> {
        verifier::open(&self.desk, options)
    }

    /// The metadata of the server, as JSON.
    pub fn metadata(&self) -> String {
        metadata(self.desk.settings())
    }

    /// Promises a `Response`, or `undefined` where the request is for somebody else.
    pub fn handle(&self, request: JsValue, context: JsValue) -> Promise {
        self.promise(async move |desk| {
            handler::handle(&desk, &handler::unread(request)?, &context).await
        })
    }

    /// Promises a `Response` that signs in, or refuses to where another site asks for it.
    #[wasm_bindgen(js_name = signInResponse)]
    pub fn sign_in_response(&self, request: JsValue, grant: JsValue, init: JsValue) -> Promise {
        self.promise(async move |desk| {
            desk.sign_in_response(&handler::request(request)?, &grant, &init).await
        })
    }

    /// Promises a `Response` that signs out, or refuses to where another site asks for it.
    #[wasm_bindgen(js_name = signOutResponse)]
    pub fn sign_out_response(&self, request: JsValue) -> Promise {
        self.promise(async move |desk| {
            let response = desk.sign_out_response(&handler::request(request)?).await?;
            Ok(handler::sent(&response, None)?)
        })
    }

    /// Promises claims as JSON and headers to send back, in an array, or `null`.
    pub fn authenticate(&self, request: JsValue) -> Promise {
        self.promise(async move |desk| desk.authenticate(&handler::request(request)?).await)
    }

    fn promise(
        &self,
        work: impl AsyncFnOnce(Rc<Desk>) -> Result<JsValue, Failure> + 'static,
    ) -> Promise {
        let desk = Rc::clone(&self.desk);
        host::promise(async move { work(desk).await.map_err(JsValue::from) })
    }
}

/// The public keys, as a JWK set.
pub(super) fn jwks(settings: &Settings) -> String {
    let mut json = Writer::new();
    json.array("keys", settings.keys.iter().filter_map(|key| key.public_json()));
    json.finish()
}

/// Where the endpoints are.
pub(super) fn metadata(settings: &Settings) -> String {
    settings.paths.metadata(&settings.issuer, settings.clients.confidential())
}
