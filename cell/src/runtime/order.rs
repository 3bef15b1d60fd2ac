//! What a cell tells its keeper.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Kind;
use crate::rootfs::Room;
use crate::userns::Identity;

/// The descriptor of the line between init and the cell, in every role.
pub(super) const INIT_LINE: i32 = 3;
/// The descriptor of the line between the keeper and an init on the host.
pub(super) const KEEPER_LINE: i32 = 4;
/// The keeper's descriptor of its line to the cell.
pub(super) const CONTROL_LINE: i32 = 4;
/// The keeper's descriptor from which it reads its order.
pub(super) const ORDER_LINE: i32 = 5;

/// Everything a keeper needs to know.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Order {
    pub(super) id: String,
    pub(super) kind: Kind,
    /// The cell: its process and when that was started.
    pub(super) cell: (u32, u64),
    pub(super) workspace: PathBuf,
    pub(super) identity: Identity,
    /// In bytes.
    pub(super) memory: Option<u64>,
    pub(super) work: Work,
}

/// What is to run.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Work {
    /// A container in a room.
    Container {
        room: Room,
        /// `config.json`.
        config: String,
    },
    /// A process on the host.
    Direct {
        args: Vec<String>,
        env: Vec<(String, String)>,
        cwd: PathBuf,
        /// Nothing: the ids stay.
        ids: Option<(u32, u32)>,
    },
}
