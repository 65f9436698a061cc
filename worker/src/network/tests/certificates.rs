use super::{
    super::{Security, SecurityArguments, call_failed},
    authority::{Authority, COORDINATOR, WORKER},
    service::Service,
};
use segmenter_proto::{
    Error,
    v1::{HeartbeatRequest, coordinator_client::CoordinatorClient},
};
use tonic::{
    Code, Status,
    transport::{Certificate, ClientTlsConfig, Endpoint},
};

/// Gives what a caller that did not get in was told.
async fn refused(service: &Service, caller: &Security) -> (Code, Error) {
    let status = service.call(caller).await.unwrap_err();
    assert_eq!(service.calls(), 0);
    (status.code(), call_failed("calling", &status))
}

/// A connection that was never made has no code of the other side's. What is read of it depends on who closes first.
fn assert_no_connection(code: Code, error: &Error) {
    assert!(matches!(code, Code::Unavailable | Code::Unknown), "{code:?} {error:?}");
    assert_eq!(error.fault.exit_code(), 4);
}

#[tokio::test]
async fn a_worker_calls_a_coordinator() {
    let authority = Authority::new();
    let service = Service::start(&authority.security(COORDINATOR));
    service.call(&authority.security(WORKER)).await.unwrap();
    let both = Security::load(&authority.issue(&[COORDINATOR, "elsewhere.example.com", WORKER])).unwrap();
    service.call(&both).await.unwrap();
    assert_eq!(service.calls(), 2);
}

#[tokio::test]
async fn a_caller_of_the_other_role_is_refused() {
    let authority = Authority::new();
    let service = Service::start(&authority.security(COORDINATOR));
    let (code, error) = refused(&service, &authority.security(COORDINATOR)).await;
    assert_eq!((code, error.fault.exit_code()), (Code::PermissionDenied, 2));
    assert!(error.message.contains("lacks the DNS name segmenter-worker"), "{error}");
}

#[tokio::test]
async fn a_server_of_the_other_role_is_not_talked_to() {
    let authority = Authority::new();
    let service = Service::start(&authority.security(WORKER));
    let (code, error) = refused(&service, &authority.security(WORKER)).await;
    assert_no_connection(code, &error);
    assert!(error.message.contains("certificate not valid for name \"segmenter-coordinator\""), "{error}");
    assert!(error.hint.unwrap().contains("--tls-ca"));
}

#[tokio::test]
async fn a_caller_of_another_authority_is_refused() {
    let (authority, other) = (Authority::new(), Authority::new());
    let service = Service::start(&authority.security(COORDINATOR));
    // It trusts the server: only the server can refuse.
    let arguments = SecurityArguments { tls_ca: authority.issue(&[WORKER]).tls_ca, ..other.issue(&[WORKER]) };
    let (code, error) = refused(&service, &Security::load(&arguments).unwrap()).await;
    assert_no_connection(code, &error);
    service.call(&authority.security(WORKER)).await.unwrap();
}

#[tokio::test]
async fn a_server_of_another_authority_is_not_talked_to() {
    let (authority, other) = (Authority::new(), Authority::new());
    // It trusts the caller: only the caller can refuse.
    let arguments = SecurityArguments { tls_ca: authority.issue(&[WORKER]).tls_ca, ..other.issue(&[COORDINATOR]) };
    let service = Service::start(&Security::load(&arguments).unwrap());
    let (code, error) = refused(&service, &authority.security(WORKER)).await;
    assert_no_connection(code, &error);
    assert!(error.message.contains("invalid peer certificate"), "{error}");
}

#[tokio::test]
async fn a_caller_without_a_certificate_is_refused() {
    let authority = Authority::new();
    let service = Service::start(&authority.security(COORDINATOR));
    let ca = Certificate::from_pem(std::fs::read(authority.issue(&[WORKER]).tls_ca.unwrap()).unwrap());
    let tls = ClientTlsConfig::new().ca_certificate(ca).domain_name(COORDINATOR);
    let endpoint = Endpoint::from_shared(format!("https://{}", service.address)).unwrap().tls_config(tls).unwrap();
    let mut client = CoordinatorClient::new(endpoint.connect_lazy());
    let status: Status = client.heartbeat(HeartbeatRequest { worker: 1 }).await.unwrap_err();
    assert_no_connection(status.code(), &call_failed("calling", &status));
    assert_eq!(service.calls(), 0);
}

#[tokio::test]
async fn plaintext_and_tls_do_not_meet() {
    let authority = Authority::new();
    let plain = Security::load(&SecurityArguments::default()).unwrap();
    let (code, error) = refused(&Service::start(&authority.security(COORDINATOR)), &plain).await;
    assert_no_connection(code, &error);
    let (code, error) = refused(&Service::start(&plain), &authority.security(WORKER)).await;
    assert_no_connection(code, &error);
    assert!(error.hint.unwrap().contains("TLS or neither"));
}
