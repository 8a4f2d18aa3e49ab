//! The endpoints over HTTP: requests in, responses out.

use std::rc::Rc;

use js_sys::JsString;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, Request, ResponseInit, Url};

use super::desk::Desk;
use super::failure::Failure;
use super::issuer::jwks;
use super::refresh;
use super::store::member;
use crate::core::account::http::{Endpoint, MAX_BODY, Response, RevokeRequest, TokenRequest};
use crate::core::error::Error;

/// Takes what has the form of a `Request`; runtimes and their libraries have classes of their own.
pub(super) fn request(given: JsValue) -> Result<Request, Error> {
    let is_one = member(&given, "url").is_string()
        && member(&given, "method").is_string()
        && member(&given, "headers").is_object()
        && member(&given, "text").is_function();
    let request: Request = given.unchecked_into();
    if !is_one || request.body_used() {
        return Err(Error::option("request", "handle takes a Request whose body was not read yet"));
    }
    Ok(request)
}

/// Answers a request, or gives `undefined` where it is for somebody else.
///
/// Rejects where the server itself is wrong: that is the application's to see and to answer.
pub(super) async fn handle(desk: &Rc<Desk>, request: &Request) -> Result<JsValue, Failure> {
    let path = Url::new(&request.url())?.pathname();
    let Some(endpoint) = desk.settings().paths.endpoint(&path) else {
        return Ok(JsValue::UNDEFINED);
    };
    let response = match answer(desk, endpoint, request).await {
        Ok(response) => response,
        Err(failure) => failure.error().and_then(Response::error).ok_or(failure)?,
    };
    Ok(sent(&response)?)
}

async fn answer(
    desk: &Rc<Desk>,
    endpoint: Endpoint,
    request: &Request,
) -> Result<Response, Failure> {
    if let Err(refused) = endpoint.allow(&request.method()) {
        return Ok(refused);
    }
    if endpoint == Endpoint::Jwks {
        return Ok(Response::keys(jwks(desk.settings())));
    }
    let length = request.headers().get("content-length")?;
    if length.and_then(|length| length.parse().ok()).is_some_and(|length: u64| length > MAX_BODY) {
        return Ok(Response::too_large());
    }
    let content_type = request.headers().get("content-type")?;
    let Ok(body) = JsFuture::from(request.text()?).await else { return Ok(Response::cut_off()) };
    let body: JsString = body.unchecked_into();
    // Not every request says its length, and what does not fit into the wasm would end it.
    if u64::from(body.length()) > MAX_BODY {
        return Ok(Response::too_large());
    }
    let body = String::from(body);
    if endpoint == Endpoint::Token {
        return match TokenRequest::read(content_type.as_deref(), &body) {
            Ok(request) => {
                let request = refresh::Request::of(request, &desk.settings().clients)?;
                desk.refresh(request).await.map(Response::tokens)
            }
            Err(refused) => Ok(refused),
        };
    }
    match RevokeRequest::read(content_type.as_deref(), &body) {
        Ok(RevokeRequest { token, client_id }) => {
            desk.revoke(&token, client_id.as_deref()).await.map(|()| Response::done())
        }
        Err(refused) => Ok(refused),
    }
}

fn sent(response: &Response) -> Result<JsValue, JsValue> {
    let headers = Headers::new()?;
    for (name, value) in &response.headers {
        headers.set(name, value)?;
    }
    let init = ResponseInit::new();
    init.set_status(response.status);
    init.set_headers(&headers);
    web_sys::Response::new_with_opt_str_and_init(response.body.as_deref(), &init).map(JsValue::from)
}
