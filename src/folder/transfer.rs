//! What downloads and uploads are asked for alike.

use super::equal::Compare;
use super::filter::Filter;
use super::journal::Journal;
use super::rate::{PartSize, RateLimit};

/// How to move files between the folder and here, in either direction.
#[derive(Debug, Clone, Default)]
pub struct TransferOptions {
    /// Sources may be folders or directories.
    pub recursive: bool,
    /// Leave what exists at the destination as it is.
    pub no_clobber: bool,
    /// With `recursive`: files whose equals are at the destination already are left out.
    pub compare: Compare,
    /// With `recursive`: which files of the trees take part.
    pub filter: Filter,
    /// Only say what would be done.
    pub dry_run: bool,
    /// Requests at once; [`super::pool::DEFAULT_JOBS`] when absent.
    pub jobs: Option<u16>,
    /// What one request carries of a large object; 8 MiB of a download, and chosen by the size of an upload, when absent.
    pub part_size: Option<PartSize>,
    /// How fast bytes may move, all together.
    pub limit_rate: Option<RateLimit>,
    /// Where transfers of large objects are noted, so that another run can go on with them; nothing is noted when absent.
    pub journal: Option<Journal>,
}

impl TransferOptions {
    /// How the destination is looked at: only trees are, and what exists is left alone by `no_clobber`, equal or not.
    pub(super) fn compare(&self) -> Compare {
        if self.recursive && !self.no_clobber { self.compare } else { Compare::Nothing }
    }
}
