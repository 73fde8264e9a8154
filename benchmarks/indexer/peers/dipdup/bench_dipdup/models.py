from dipdup import fields
from dipdup.models import Model


class Entry(Model):
    id = fields.BigIntField(primary_key=True)
    block = fields.BigIntField()
    log_index = fields.IntField()
    tx_hash = fields.TextField()
    name = fields.TextField()
    product_id = fields.TextField()
    actor = fields.TextField()
    data_hash = fields.TextField(null=True)

    class Meta:
        table = "entry"
