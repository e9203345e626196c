//! Integration tests: the real server over HTTP with the real simulator beside it, and other parts of the program that
//! never see each other in the code, put together.

mod alipay_channel;
mod api_checks;
mod api_orders;
mod api_payments;
mod app;
mod architecture;
mod edge;
mod merchant;
mod panel;
mod receiver;
mod redirect;
mod wechat_v2_channel;
