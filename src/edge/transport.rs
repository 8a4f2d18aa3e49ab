//! Signing in and out over HTTP, with the refresh token in a cookie where that is configured.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Request, ResponseInit};

use super::desk::{Desk, Way};
use super::failure::Failure;
use super::handler::sent;
use super::settings::Settings;
use super::verifier::{Audience, Verified, verified};
use crate::core::account::clients::scheme;
use crate::core::account::codec::RefreshToken;
use crate::core::account::cookie::{Cookies, Jar, is_own};
use crate::core::account::http::Response;
use crate::core::account::refusal::Refusal;
use crate::core::error::Error;

/// A header of a request.
#[inline(never)]
pub(super) fn header(request: &Request, name: &str) -> Result<Option<String>, JsValue> {
    request.headers().get(name)
}

/// Whether the request comes from a page of the origin that it goes to.
pub(super) fn own(request: &Request) -> Result<bool, JsValue> {
    let (site, origin) = (header(request, "sec-fetch-site")?, header(request, "origin")?);
    Ok(is_own(site.as_deref(), origin.as_deref(), &request.url()))
}

/// Whether the request changes nothing, whoever made the browser send it.
pub(super) fn is_safe(request: &Request) -> bool {
    matches!(&*request.method(), "GET" | "HEAD")
}

impl Settings {
    /// The cookies of a request; `None` where tokens do not travel in any.
    pub(super) fn jar(&self, request: &Request) -> Result<Option<Jar>, JsValue> {
        let Some(cookies) = &self.cookies else { return Ok(None) };
        let header = header(request, "cookie")?.unwrap_or_default();
        Ok(Some(cookies.read(&header)))
    }

    /// What makes a browser forget the session, where it is over.
    pub(super) fn cleared(&self, over: bool) -> Vec<String> {
        self.cookies.as_ref().filter(|_| over).map(Cookies::clear).unwrap_or_default()
    }
}

impl Desk {
    /// Signs in with a response that carries the first tokens.
    pub(super) async fn sign_in_response(
        &self,
        request: &Request,
        grant: &JsValue,
        init: &JsValue,
    ) -> Result<JsValue, Failure> {
        let cookies = self.settings().cookies.as_ref();
        if cookies.is_some() && !is_safe(request) && !own(request)? {
            return Ok(sent(&Response::foreign(), None)?);
        }
        let init: &ResponseInit = init.unchecked_ref();
        // Whatever cannot be answered with is known before anybody is signed in.
        web_sys::Response::new_with_opt_str_and_init(Some("{}"), init).map_err(|cause| {
            let message = "with this no response can be made that has a body";
            Failure::Caused(Error::option("init", message), cause)
        })?;
        let way = cookies.map_or(Way::Body, |cookies| Way::Cookies { cookies, period: Some(0) });
        let tokens = self.issue(grant, way, header(request, "user-agent")?).await?;
        let response = Response::private(tokens.body).with_cookies(tokens.cookies);
        Ok(sent(&response, Some(init))?)
    }

    /// Signs out whomever the request names, and lets the browser forget it.
    pub(super) async fn sign_out_response(&self, request: &Request) -> Result<Response, Failure> {
        let authorization = header(request, "authorization")?;
        let bearer = authorization.as_deref().and_then(|value| scheme(value, "bearer"));
        let settings = self.settings();
        // Where nothing can be ended the cookies alone can still be cleared.
        let bearer = bearer.filter(|_| settings.store.is_there() || settings.cookies.is_none());
        let named = match bearer {
            Some(token) => verified(self.settings(), token, Audience::Any).await?,
            None => None,
        };
        if let Some(Verified { token, .. }) = &named {
            self.end(&token.handle, &token.session).await?;
        }
        let Some(jar) = self.settings().jar(request)? else { return Ok(Response::gone()) };
        if !own(request)? {
            return Ok(if named.is_some() { Response::gone() } else { Response::foreign() });
        }
        if let Some((token, client)) = jar.refresh {
            self.end_sealed(&token, &client).await?;
        }
        Ok(Response::gone().with_cookies(self.settings().cleared(true)))
    }

    /// Ends the session of a refresh token from a cookie; one that we did not make has none.
    pub(super) async fn end_sealed(&self, token: &str, client: &str) -> Result<(), Failure> {
        let Ok(token) = RefreshToken::parse(token) else { return Ok(()) };
        match self.settings().secrets.check(&token, client) {
            Ok(()) => self.end(token.handle(), token.session()).await,
            Err(Refusal::Invalid) => Ok(()),
            Err(refusal) => Err(refusal.into()),
        }
    }
}
