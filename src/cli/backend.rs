//! The payment core wired to its database, channels and outgoing client. Commands use it beside a running server.

use super::Failure;
use crate::channels::Registry;
use crate::config::Config;
use crate::outbound::Outbound;
use crate::pay::store::Store;
use crate::pay::{Cashier, Settings, World};
use crate::storage::{Database, MasterKeys};
use std::sync::Arc;

#[derive(Clone)]
pub struct Backend {
    pub database: Database,
    pub cashier: Cashier,
}

impl Backend {
    /// Opens everything, with the schema at this program's version. The first time this makes the data directory, the
    /// master key and the database.
    ///
    /// # Errors
    /// When the database or its key cannot be used.
    pub async fn open(config: &Config, public_url: String) -> Result<Self, Failure> {
        Self::open_in(config, public_url, World::system()).await
    }

    /// The same with a clock and chance of the caller's own, for tests.
    ///
    /// # Errors
    /// As [`Backend::open`].
    pub async fn open_in(config: &Config, public_url: String, world: World) -> Result<Self, Failure> {
        let database = open_database(config, &world).await?;
        let node = world.id("node");
        Self::wire(config, public_url, world, database, node)
    }

    /// For a server: takes the serving lock, and gives back what dead processes of this node had in hand, so that it is
    /// due again now and not when their leases run out.
    ///
    /// # Errors
    /// As [`Backend::open`], when another server uses this SQLite database, and when the PostgreSQL server may lose what was
    /// committed.
    pub async fn open_serving(config: &Config, public_url: String, world: World) -> Result<Self, Failure> {
        let database = connect(config, world.clone()).await?;
        refuse_to_lose(&database).await?;
        database.migrate().await?;
        let node = database.lock_for_serving()?;
        if let Some(dead) = &node.heir_of {
            database.release(dead).await?;
        }
        Self::wire(config, public_url, world, database, node.name)
    }

    fn wire(config: &Config, public_url: String, world: World, database: Database, node: String) -> Result<Self, Failure> {
        let (plans, login, questions_per_s) = (config.plans.clone(), config.login, config.questions_per_s);
        let settings = Settings { public_url, plans, login, questions_per_s, node };
        let cashier = Cashier::new(
            Arc::new(database.clone()),
            Arc::new(Registry::new(world.clone())),
            Arc::new(Outbound::new(config.outbound_allow.clone())?),
            world,
            settings,
        );
        Ok(Self { database, cashier })
    }

    /// For a command: addresses are built as the server would.
    ///
    /// # Errors
    /// As [`Backend::open`].
    pub async fn of_command(config: &Config) -> Result<Self, Failure> {
        Self::open(config, config.public_url(config.server.listen)).await
    }
}

async fn open_database(config: &Config, world: &World) -> Result<Database, Failure> {
    let database = connect(config, world.clone()).await?;
    database.migrate().await?;
    Ok(database)
}

/// Tells what is wrong with the database server's settings, and refuses what a payment cannot be trusted to.
async fn refuse_to_lose(database: &Database) -> Result<(), Failure> {
    let faults = database.durability_faults().await?;
    for fault in &faults {
        tracing::error!(fault = fault.text, "the database may lose what was committed");
    }
    match faults.into_iter().find(|fault| fault.is_fatal) {
        Some(fault) => Err(Failure::new(format!("{}; cashier does not serve on it, switch the setting on", fault.text))),
        None => Ok(()),
    }
}

/// The database as it is, without touching its schema.
///
/// # Errors
/// When it, or its master key, cannot be used.
pub async fn connect(config: &Config, world: World) -> Result<Database, Failure> {
    let keys = MasterKeys::load(&config.data_dir, config.master_key.as_ref().map(|k| k.expose().as_str()))?;
    Ok(Database::connect(config.database_url.expose(), &config.data_dir, keys, world).await?)
}
