use super::{
    super::{Role, Security, SecurityArguments, call_failed},
    authority::{Authority, COORDINATOR, WORKER},
    service::Service,
};
use segmenter_proto::v1::{HeartbeatRequest, coordinator_client::CoordinatorClient};
use tonic::{Code, Request};

fn with_token(authority: &Authority, token: &str, arguments: SecurityArguments) -> Security {
    let file = authority.file(&format!("token-{token}"), token);
    Security::load(&SecurityArguments { token_file: Some(file), ..arguments }).unwrap()
}

#[tokio::test]
async fn only_who_shows_the_token_comes_in() {
    let authority = Authority::new();
    let plain = SecurityArguments::default();
    let security = with_token(&authority, "canary-0123456789", plain.clone());
    let service = Service::start(&security);
    for caller in [Security::load(&plain).unwrap(), with_token(&authority, "canary-0123456788", plain)] {
        let status = service.call(&caller).await.unwrap_err();
        assert_eq!((status.code(), service.calls()), (Code::Unauthenticated, 0));
        let error = call_failed("registering", &status);
        assert_eq!(error.fault.exit_code(), 2);
        assert!(error.hint.as_ref().unwrap().contains("--token-file"));
        assert!(!format!("{status:?} {error:?}").contains("canary"));
    }
    service.call(&security).await.unwrap();
    assert_eq!(service.calls(), 1);
    assert!(!format!("{security:?} {:?}", security.guard(Role::Worker)).contains("canary"));
}

#[tokio::test]
async fn a_second_token_is_not_looked_for() {
    let authority = Authority::new();
    let security = with_token(&authority, "canary-0123456789", SecurityArguments::default());
    let service = Service::start(&security);
    let client = security.connect(&format!("http://{}", service.address), Role::Coordinator).unwrap();
    let mut request = Request::new(HeartbeatRequest { worker: 1 });
    request.metadata_mut().append("authorization", "Bearer of-another-proxy".parse().unwrap());
    // The client's own header takes the place of what was there.
    CoordinatorClient::new(client).heartbeat(request).await.unwrap();

    let channel =
        tonic::transport::Endpoint::from_shared(format!("http://{}", service.address)).unwrap().connect_lazy();
    let mut request = Request::new(HeartbeatRequest { worker: 1 });
    for header in ["Bearer canary-0123456788", "Bearer canary-0123456789"] {
        request.metadata_mut().append("authorization", header.parse().unwrap());
    }
    let status = CoordinatorClient::new(channel).heartbeat(request).await.unwrap_err();
    assert_eq!((status.code(), service.calls()), (Code::Unauthenticated, 1));
}

#[tokio::test]
async fn a_certificate_does_not_replace_the_token() {
    let authority = Authority::new();
    let server = with_token(&authority, "canary-0123456789", authority.issue(&[COORDINATOR]));
    let service = Service::start(&server);
    let status = service.call(&authority.security(WORKER)).await.unwrap_err();
    assert_eq!((status.code(), service.calls()), (Code::Unauthenticated, 0));
    service.call(&with_token(&authority, "canary-0123456789", authority.issue(&[WORKER]))).await.unwrap();
    let other_role = with_token(&authority, "canary-0123456789", authority.issue(&[COORDINATOR]));
    let status = service.call(&other_role).await.unwrap_err();
    assert_eq!((status.code(), service.calls()), (Code::PermissionDenied, 1));
}
