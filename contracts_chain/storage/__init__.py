"""The only room that imports SQLAlchemy: tables, unit of work, repositories, blobs, migrations.

It implements the ports of ``workflows.ports`` and knows no rule of the domain.
"""
