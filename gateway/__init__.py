"""tongban (通办): the gateway a region puts at its border, so that services work across provinces.

The life of an application is the table of contents:

    api.federation      the bytes arrive, within the limits
    flow.open           who sent them is proved
    flow.read           the sender's adapter makes them canonical      core.conversion
    flow.judge          every rule is held against them                core.forms, core.casework, core.catalogue
    flow.address        the next partner's delivery is written
    flow.promise        the receipt is signed, shown to nobody yet     core.trust
    store               all of it becomes durable, or none of it
    flow.receive        the receipt is answered
    flow.relay          the delivery is claimed
    flow.send           signed and posted                              partners.courier
    flow.settle         the partner's receipt is verified
    flow.checkpoint     the log of all this is signed                  core.audit
    flow.audit          and proved to whoever asks
"""
