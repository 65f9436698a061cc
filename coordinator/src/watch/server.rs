//! What answers those who watch.

use crate::{
    course::Course,
    page::running_page,
    progress::Live,
    status::{Status, status},
};
use axum::{
    Router,
    extract::State,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::Utc;
use segmenter_proto::Result;
use segmenter_worker::{
    network::{Security, serve_pages},
    program::json_line,
};
use serde_json::json;
use std::net::SocketAddr;

/// What is watched.
#[derive(Debug, Clone)]
struct Watched {
    course: Course,
    live: Live,
}

impl Watched {
    fn now(&self) -> Option<Status> {
        status(&self.course.known(), &self.live, Utc::now())
    }
}

/// Serves the page of the run and its status until the process ends; gives the URL.
///
/// # Errors
/// The address is not to be had, or is off this machine without a token and TLS: Job.
pub async fn serve(security: &Security, address: SocketAddr, course: &Course, live: &Live) -> Result<String> {
    let watched = Watched { course: course.clone(), live: live.clone() };
    let pages = Router::new()
        .route("/", get(page))
        .route("/status.json", get(status_json))
        .route("/healthz", get(async || "ok\n"))
        .fallback(async || (StatusCode::NOT_FOUND, "there are /, /status.json and /healthz\n"))
        .with_state(watched);
    serve_pages(security, address, "--status", pages).await
}

async fn page(State(watched): State<Watched>) -> Response {
    match running_page(watched.now().as_ref()) {
        Ok(text) => ([(CONTENT_TYPE, "text/html; charset=utf-8")], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}

async fn status_json(State(watched): State<Watched>) -> Response {
    let (code, text) = match watched.now() {
        Some(status) => (StatusCode::OK, json_line(&json!(status))),
        None => (StatusCode::SERVICE_UNAVAILABLE, json_line(&json!({ "error": "the run has not begun yet" }))),
    };
    (code, [(CONTENT_TYPE, "application/json")], text).into_response()
}
