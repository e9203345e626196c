//! The optional TLS listener: a server certificate of the simulator's own CA, and client certificates of merchants.
//!
//! The plain listener cannot carry a client certificate; handlers learn from [`Transport`] what they stand behind.

use super::keys::{Keys, RsaKey};
use axum::{Extension, Router};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use rand::RngCore;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, SerialNumber,
    date_time_ymd,
};
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use std::sync::{Arc, OnceLock};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

/// How a request came in. Present as a request extension on every call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    Plain,
    /// With or without a client certificate that the merchants' CA issued.
    Tls {
        client_certificate: bool,
    },
}

/// All certificates as PEM, and what the listener needs.
pub struct Certificates {
    pub server_ca_pem: String,
    pub client_cert_pem: String,
    pub client_key_pem: String,
    server: CertificateDer<'static>,
    server_key: Vec<u8>,
    client_ca: CertificateDer<'static>,
}

/// The keys behind them; certificates are made when first asked for. The authorities have Ed25519 keys, which cost
/// nothing to make; only what partners must be able to use has RSA ones.
pub struct CertificateMaker {
    keys: Parts,
    made: OnceLock<Certificates>,
}

struct Parts {
    server_ca: Vec<u8>,
    server: RsaKey,
    client_ca: Vec<u8>,
    client: RsaKey,
}

impl CertificateMaker {
    pub fn new(keys: &Keys) -> Self {
        let keys = Parts {
            server_ca: ed25519(keys, "tls/server-ca"),
            server: keys.rsa("tls/server"),
            client_ca: ed25519(keys, "tls/client-ca"),
            client: keys.rsa("tls/client"),
        };
        Self { keys, made: OnceLock::new() }
    }

    /// `Simulator::new` has installed the crypto provider; the keys are fresh and the names are constant.
    #[expect(clippy::expect_used, reason = "constant names and fresh keys always give a certificate")]
    pub fn certificates(&self) -> &Certificates {
        self.made.get_or_init(|| issue(&self.keys).expect("certificates"))
    }
}

/// An Ed25519 private key as PKCS#8 (RFC 8410): a fixed head and 32 bytes.
fn ed25519(keys: &Keys, label: &str) -> Vec<u8> {
    let mut der = vec![0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    let mut secret = [0; 32];
    keys.generator(label).fill_bytes(&mut secret);
    der.extend_from_slice(&secret);
    der
}

fn issue(keys: &Parts) -> Result<Certificates, rcgen::Error> {
    let (server_ca, server_ca_pem, _) = authority("Cashier simulator CA", &keys.server_ca)?;
    let (client_ca, _, client_ca_der) = authority("Cashier simulator merchant CA", &keys.client_ca)?;

    let mut of_server = params("127.0.0.1", 2, vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()])?;
    of_server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let server_cert = of_server.signed_by(&pair(&keys.server.private_der())?, &server_ca)?;

    let mut of_client = params("Cashier demo merchant", 3, vec![])?;
    of_client.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let client_cert = of_client.signed_by(&pair(&keys.client.private_der())?, &client_ca)?;

    Ok(Certificates {
        server_ca_pem,
        client_cert_pem: client_cert.pem(),
        client_key_pem: keys.client.private_pem(),
        server: server_cert.der().clone(),
        server_key: keys.server.private_der(),
        client_ca: client_ca_der,
    })
}

/// Fixed dates and serial numbers: a seed fixes the certificates as well.
fn params(name: &str, serial: u64, names: Vec<String>) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2045, 1, 1);
    params.serial_number = Some(SerialNumber::from(serial));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

fn pair(pkcs8: &[u8]) -> Result<KeyPair, rcgen::Error> {
    KeyPair::try_from(pkcs8)
}

type Authority = (Issuer<'static, KeyPair>, String, CertificateDer<'static>);

fn authority(name: &str, key: &[u8]) -> Result<Authority, rcgen::Error> {
    let mut ca = params(name, 1, vec![])?;
    ca.use_authority_key_identifier_extension = false;
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = pair(key)?;
    let certificate = ca.self_signed(&key)?;
    Ok((Issuer::new(ca, key), certificate.pem(), certificate.der().clone()))
}

/// Serves `router` over TLS until `shutdown`.
///
/// # Errors
/// When the certificates do not make a TLS configuration.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    certificates: &Certificates,
    shutdown: CancellationToken,
) -> Result<(), rustls::Error> {
    let acceptor = TlsAcceptor::from(Arc::new(configuration(certificates)?));
    loop {
        let accepted = tokio::select! {
            () = shutdown.cancelled() => return Ok(()),
            accepted = listener.accept() => accepted,
        };
        let Ok((socket, _)) = accepted else { continue };
        let (acceptor, router, shutdown) = (acceptor.clone(), router.clone(), shutdown.clone());
        tokio::spawn(async move {
            let Ok(stream) = acceptor.accept(socket).await else { return };
            let client_certificate = stream.get_ref().1.peer_certificates().is_some_and(|chain| !chain.is_empty());
            let router = router.layer(Extension(Transport::Tls { client_certificate }));
            let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
            let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
            tokio::select! {
                () = shutdown.cancelled() => {}
                _ = connection => {}
            }
        });
    }
}

fn configuration(certificates: &Certificates) -> Result<rustls::ServerConfig, rustls::Error> {
    let mut merchants = RootCertStore::empty();
    merchants.add(certificates.client_ca.clone())?;
    let verifier = WebPkiClientVerifier::builder(Arc::new(merchants))
        .allow_unauthenticated()
        .build()
        .map_err(|e| rustls::Error::General(e.to_string()))?;
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(certificates.server_key.clone()));
    rustls::ServerConfig::builder().with_client_cert_verifier(verifier).with_single_cert(vec![certificates.server.clone()], key)
}
