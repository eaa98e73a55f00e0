"""What sentences mean, for all services of this host: one model in memory, asked in batches."""

from documents.encoding.encoding import Encoding, pack
from documents.encoding.installed import InstalledEncoder
from documents.encoding.model import SentenceModel

__all__ = ["Encoding", "InstalledEncoder", "SentenceModel", "pack"]
