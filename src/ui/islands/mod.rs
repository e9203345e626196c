//! The few parts that live in the browser. Each makes a finished page livelier and none is needed: without scripts the same
//! things happen through links, forms and a refreshing page. Texts come in as props.

mod bridge;
#[cfg(feature = "hydrate")]
mod browser;
mod copy;
mod live;
mod onward;
mod return_soon;
mod submit_on_change;
#[cfg(feature = "hydrate")]
mod watch;

pub use bridge::Bridge;
pub use copy::CopyButton;
pub use live::Live;
pub use onward::Onward;
pub use return_soon::ReturnSoon;
pub use submit_on_change::SubmitOnChange;

#[cfg(feature = "hydrate")]
pub use browser::mark_awake;
